import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setBudget } from '../../src/ledger/budgets.ts';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { tellExpiring } from '../../src/ledger/outbox.ts';
import { setMark } from '../../src/ledger/wallets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { handOnAll } from '../../src/webhooks/hand-on.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';
import { addedEndpoint } from './listening.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

interface Told {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

async function listened(): Promise<{ wallet: TestWallet; told: () => Promise<Told[]> }> {
  const wallet = await newWallet(database);
  const url = `https://${wallet.id}.example/`;
  const { id } = await addedEndpoint(database, wallet.workspace_id, { url });
  return {
    wallet,
    told: async () => {
      await handOnAll(database.connections.ledgerJobs);
      const rows = await database.query<{ body: string }>(
        `with told as (delete from webhook_deliveries where endpoint_id = $1 returning id, body)
         select body from told order by id`,
        [id],
      );
      return rows.map(({ body }) => JSON.parse(body) as Told);
    },
  };
}

const DAY = 86_400_000_000n;
const inDays = (days: bigint): bigint => BigInt(Date.now()) * 1_000n + days * DAY;

describe('is told, with the entry and how the wallet stood after it:', () => {
  test('what comes: bought, granted, refunded', async () => {
    const { wallet, told } = await listened();
    const expires_at = inDays(30n);
    await ledger.execute(wallet.grant(50n, { source: 'purchase', expires_at }));
    await ledger.execute(wallet.grant(5n, { source: 'promo' }));
    await ledger.execute(wallet.adjustment(2n));
    await ledger.execute(wallet.debit(7n));
    await ledger.execute(wallet.refund(4n, 3n * CREDIT));
    await ledger.execute(wallet.adjustment(-1n));
    const messages = await told();
    expect(messages.map(({ type, data }) => [type, data['entry'], data['amount']])).toEqual([
      ['credits.purchased', 1, '50'],
      ['credits.granted', 2, '5'],
      ['credits.granted', 3, '2'],
      ['credits.refunded', 5, '3'],
    ]);
    expect(messages[0]).toMatchObject({
      timestamp: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/) as string,
      data: {
        ...{ livemode: true, wallet: wallet.id, workspace: wallet.workspace_id },
        ...{ available: '50', held: '0', debt: '0' },
        lots: [{ lot: 1, amount: '50', source: 'purchase' }],
      },
    });
    expect(messages[3]).toMatchObject({ data: { charge: 4, available: '53' } });
  });

  test('whose it is: a customer by the name that the product gave', async () => {
    const { wallet, told } = await listened();
    await database.query(
      `update workspaces set kind = 'external', external_id = 'user-42' where id = $1`,
      [wallet.workspace_id],
    );
    await ledger.execute(wallet.grant(1n));
    const [message] = await told();
    expect(message?.data).toMatchObject({ customer: 'user-42', wallet: wallet.id });
    expect(message?.data).not.toHaveProperty('workspace');
  });

  test('what goes below the mark, to nothing, and comes back', async () => {
    const { wallet, told } = await listened();
    await ledger.execute(wallet.grant(10n));
    await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
      setMark(trx, wallet.id, 5n * CREDIT),
    );
    for (const units of [5n, 1n, 4n]) await ledger.execute(wallet.debit(units));
    await ledger.execute(wallet.grant(6n));
    const messages = (await told()).filter(({ type }) => type.startsWith('balance.'));
    expect(
      messages.map(({ type, data }) => [type, data['threshold'], data['available']]).sort(),
    ).toEqual([
      ['balance.exhausted', undefined, '0'],
      ['balance.low', '5', '4'],
      ['balance.recovered', '0', '6'],
      ['balance.recovered', '5', '6'],
    ]);
  });

  test('what runs out: a hold, a lot, and what of a hold comes back to a lot that has', async () => {
    const { wallet, told } = await listened();
    const expires_at = inDays(1n);
    await ledger.execute(wallet.grant(10n, { source: 'promo', expires_at }));
    const hold = wallet.hold(4n);
    await ledger.execute(hold);
    await told();
    await database.query(
      `update lots set expires_at = now() - interval '1 minute' where wallet_id = $1`,
      [wallet.id],
    );
    await database.query(
      `update holds set expires_at = now() - interval '30 seconds' where wallet_id = $1`,
      [wallet.id],
    );
    await database.query(`update wallets set next_due_at = now() where id = $1`, [wallet.id]);
    await createLedger(database.connections.ledger).execute({
      kind: 'expire',
      wallet_id: wallet.id,
    });
    const messages = await told();
    expect(messages.map(({ type, data }) => [type, data['entry'], data['amount']])).toEqual([
      ['credits.expired', 3, '4'],
      ['hold.expired', 3, '4'],
      ['balance.exhausted', 4, undefined],
      ['credits.expired', 4, '6'],
    ]);
    const { hold_id } = hold;
    expect(messages[1]).toMatchObject({ data: { hold_id, operation: hold.operation } });
  });

  test('what is nearly used up: each budget that was reached, warnings too', async () => {
    const { wallet, told } = await listened();
    await ledger.execute(wallet.grant(100n));
    const budget = { of: {}, period: 'day', limit_amount: 3n * CREDIT } as const;
    await inWorkspace(database.connections.app, wallet.workspace_id, async (trx) => {
      await setBudget(trx, wallet.id, { ...budget, hard: true });
      await setBudget(trx, wallet.id, { ...budget, hard: false });
    });
    await ledger.execute(wallet.debit(3n));
    const reached = (await told()).filter(({ type }) => type === 'budget.reached');
    expect(reached.map(({ data }) => data['budget'])).toMatchObject([
      { subject: 'wallet', period: 'day', hard: true, limit: '3', used: '3' },
      { subject: 'wallet', period: 'day', hard: false },
    ]);
  });

  test('what expires within a week: once, and not what was granted with less time left', async () => {
    const { wallet, told } = await listened();
    await ledger.execute(wallet.grant(5n, { expires_at: inDays(9n) }));
    await ledger.execute(wallet.grant(7n, { expires_at: inDays(40n) }));
    await told();
    const { ledgerJobs } = database.connections;
    const until = (days: bigint): Date => new Date(Number(inDays(days) / 1_000n));
    await tellExpiring(ledgerJobs, until(7n));
    expect(await told()).toEqual([]);
    await Promise.all([tellExpiring(ledgerJobs, until(10n)), tellExpiring(ledgerJobs, until(10n))]);
    await ledger.execute(wallet.grant(1n, { source: 'promo', expires_at: inDays(2n) }));
    await tellExpiring(ledgerJobs, until(11n));
    const messages = (await told()).filter(({ type }) => type === 'credits.expiring_soon');
    expect(messages).toMatchObject([
      { data: { wallet: wallet.id, amount: '5', lots: [{ lot: 1, amount: '5' }] } },
    ]);
  });
});
