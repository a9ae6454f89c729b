import { expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { testDatabase } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { fundedWallet, storedCredits } from '../support/wallets.ts';

test('attack 26: everything at once on one wallet, in a random order, leaves books that add up', async () => {
  const database = await testDatabase();
  const ledger = createLedger(database.connections.ledger);
  const wallet = await fundedWallet(database, ledger, 40n);
  await database.query(
    `update wallets set overdraft_limit = $2, capture_above_hold = 'debit' where id = $1`,
    [wallet.id, 3n * CREDIT],
  );
  const holds: string[] = [];
  const charges: bigint[] = [];
  let seed = 20_261_120;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const some = <Item>(items: Item[]): Item | undefined => items[random(items.length || 1)];
  for (let round = 0; round < 12; round++) {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const [hold, charge] = [some(holds), some(charges)];
        const units = BigInt(1 + random(4));
        const made = wallet.hold(units, { allow_partial: random(2) === 0 });
        const commands = [
          () => ledger.execute(wallet.grant(units)),
          () => ledger.execute(wallet.debit(units)),
          () => ledger.execute(made).then((outcome) => (holds.push(made.hold_id), outcome)),
          () =>
            ledger.execute(
              wallet.capture(hold ?? wallet.id, units, { more_to_follow: random(2) === 0 }),
            ),
          () => ledger.execute(wallet.release(hold ?? wallet.id)),
          () => ledger.execute(wallet.refund(charge ?? 1n, units * CREDIT)),
          () => ledger.execute(wallet.adjustment(random(2) === 0 ? units : -units)),
        ];
        return some(commands)?.();
      }),
    );
    for (const outcome of outcomes) if (outcome?.outcome === 'done') charges.push(outcome.seq);
  }
  expect(await verifyLedger(database.connections.staff)).toEqual([]);
  const { available, held, debt } = await storedCredits(database, wallet);
  expect(available >= 0n && held >= 0n && debt <= 3n).toBe(true);
  await database.drop();
});
