import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger, within } from '../../src/ledger/ledger.ts';
import { forgetBefore } from '../../src/ledger/retention.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { LAST_SEQ, totalsBetween } from '../../src/ledger/totals.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, tamperWith, testDatabase, verifyAndDrop } from '../support/database.ts';
import {
  BEGINNING,
  MINUTE,
  type Step,
  entriesOf,
  naiveTotals,
  walletWith,
} from '../support/rollup-model.ts';
import { newWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => verifyAndDrop(database));

const DEBITS: Step[] = Array.from({ length: 12 }, (_, index) => {
  return { wait: 10, kind: 'debit', units: index + 1, ago: null };
});
const minutesOn = (minutes: bigint) => BEGINNING + minutes * MINUTE;
const forget = (before: Date) => forgetBefore(database.connections.ledgerJobs, before);

test('old rollups are forgotten, and the totals come from the entries, which are kept', async () => {
  const wallet = await walletWith(database, DEBITS);
  const totals = (above = 0n) =>
    totalsBetween(database.connections.staff, wallet.id, above, LAST_SEQ);
  const quarterHours = () =>
    database.query(
      `select distinct quarter_hour from entry_rollups where wallet_id = $1 order by 1`,
      [wallet.id],
    );
  await rollUpTo(database.connections.ledgerJobs, [{ wallet_id: wallet.id, upto_seq: 12n }]);
  const before = await quarterHours();
  const whole = await totals();
  await forget(new Date(Number(minutesOn(60n) / 1_000n)));
  expect(await quarterHours()).toEqual(before.slice(4));
  expect(await totals()).toEqual(whole);
  expect(await totals(3n)).toEqual(naiveTotals((await entriesOf(database, wallet)).slice(3)));
  expect(await verifyLedger(database.connections.staff, [wallet.id])).toEqual([]);
});

test('a wallet of which all is forgotten goes on being rolled up, in the same quarter hour too', async () => {
  const wallet = await walletWith(database, DEBITS);
  const target = { wallet_id: wallet.id, upto_seq: 13n };
  await rollUpTo(database.connections.ledgerJobs, [target]);
  await forget(new Date());
  await forget(new Date());
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], (wallets) => wallets.run(wallet.debit(1n), minutesOn(121n))),
  );
  await rollUpTo(database.connections.ledgerJobs, [{ ...target, upto_seq: 14n }]);
  const rolledUp = await database.query(
    'select first_seq, entry_count from entry_rollups where wallet_id = $1',
    [wallet.id],
  );
  expect(rolledUp).toEqual([{ first_seq: '14', entry_count: '1' }]);
  expect(await totalsBetween(database.connections.staff, wallet.id, 0n, LAST_SEQ)).toEqual(
    naiveTotals(await entriesOf(database, wallet)),
  );
});

test('what was said of old usage is forgotten; its entry, its key and what was granted stay', async () => {
  const ledger = createLedger(database.connections.ledger);
  const wallet = await newWallet(database);
  const said = (description: string) => ({ details: { description } });
  const old = wallet.debit(1n, said('old'));
  await ledger.execute(wallet.grant(10n, said('granted')));
  const first = await ledger.execute(old);
  await tamperWith(
    database,
    `update entries set recorded_at = now() - interval '40 days' where wallet_id = '${wallet.id}';
     update ledger_progress set done_until = null where task = 'retention'`,
  );
  await ledger.execute(wallet.debit(2n, said('new')));
  const kept = async () =>
    (
      await database.query<{ description: string }>(
        'select description from entry_details where wallet_id = $1 order by seq',
        [wallet.id],
      )
    ).map((row) => row.description);
  expect(await kept()).toEqual(['granted', 'old', 'new']);
  await Promise.all([forget(daysAgo(41)), forget(daysAgo(41))]);
  expect(await kept()).toEqual(['granted', 'old', 'new']);
  await forget(daysAgo(39));
  expect(await kept()).toEqual(['granted', 'new']);
  expect(await ledger.execute(old)).toEqual({ ...first, replayed: true });
  expect(await entriesOf(database, wallet)).toHaveLength(3);
});

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}
