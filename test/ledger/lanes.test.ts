import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { fundedWallet, newWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

describe('commands that share a transaction', () => {
  test('a thousand of twenty wallets at once are each answered, refusals among them', async () => {
    const wallets = await Promise.all(
      Array.from({ length: 20 }, () => fundedWallet(database, ledger, 40n)),
    );
    const before = await transactions();
    const outcomes = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => {
        const wallet = wallets[index % 20];
        if (wallet === undefined) throw new Error('no wallet');
        return ledger.execute(wallet.debit(1n));
      }),
    );
    expect(outcomes.filter((one) => one.outcome === 'done')).toHaveLength(800);
    expect(outcomes.filter((one) => one.outcome === 'refused')).toHaveLength(200);
    expect((await transactions()) - before).toBeLessThan(100);
  });

  test('the same key twice in one batch is one entry and one answer', async () => {
    const wallet = await fundedWallet(database, ledger, 10n);
    const debit = wallet.debit(1n);
    const [one, other] = await Promise.all([ledger.execute(debit), ledger.execute(debit)]);
    expect([one, other].map((outcome) => outcome.outcome === 'done' && outcome.replayed)).toEqual([
      false,
      true,
    ]);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 9n });
  });

  test('a hold, its capture and a refund in one batch see each other', async () => {
    const wallet = await fundedWallet(database, ledger, 10n);
    const hold = wallet.hold(5n);
    const outcomes = await Promise.all([
      ledger.execute(hold),
      ledger.execute(wallet.capture(hold.hold_id, 3n)),
      ledger.execute(wallet.refund(3n, CREDIT)),
      ledger.execute(wallet.debit(1n)),
      ledger.execute(wallet.refund(3n)),
    ]);
    expect(outcomes.map((one) => one.outcome)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 9n, held: 0n });
  });

  test('a command that cannot be decided or written fails alone', async () => {
    const wallet = await fundedWallet(database, ledger, 10n);
    const outcomes = await Promise.allSettled([
      ledger.execute(wallet.debit(1n)),
      ledger.execute(wallet.hold(1n, { ttl_seconds: 0.5 })),
      ledger.execute(wallet.debit(1n, { asked: { actor_kind: 'person', actor_id: 'no uuid' } })),
      ledger.execute(wallet.debit(1n, { key: { namespace: 'test', key: 'x'.repeat(256) } })),
      ledger.execute({ ...wallet.debit(1n), wallet_id: wallet.workspace_id }),
      ledger.execute(wallet.debit(1n)),
    ]);
    expect(outcomes.map((one) => one.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 8n });
  });
});

test('a value that cannot be written fails its own command, whoever flushes it', async () => {
  const [one, other] = [
    await fundedWallet(database, ledger, 10n),
    await fundedWallet(database, ledger, 10n),
  ];
  const hold = other.hold(1n);
  await ledger.execute(hold);
  const outcomes = await Promise.allSettled([
    ledger.execute(one.debit(1n)),
    ledger.execute(one.debit(1n, { details: { metadata: { big: 1n } } })),
    ledger.execute(other.release(hold.hold_id)),
    ledger.execute(one.debit(1n)),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(await storedCredits(database, one)).toMatchObject({ available: 8n });
  expect(await storedCredits(database, other)).toMatchObject({ available: 10n, held: 0n });
});

test('a key that was revoked is refused under the lock, also for what it asked before', async () => {
  const wallet = await fundedWallet(database, ledger, 10n);
  const id = newId();
  await database.query(
    `insert into api_keys (id, livemode, name, prefix, hash, scopes)
     values ($1, true, 'test', 'sk_gone', '', '{}')`,
    [id],
  );
  const debit = wallet.debit(1n, {
    asked: { actor_kind: 'api_key', actor_id: id, api_key_id: id },
  });
  expect(await ledger.execute(debit)).toMatchObject({ outcome: 'done' });
  await database.query('update api_keys set revoked_at = now() where id = $1', [id]);
  const revoked = { outcome: 'refused', refusal: { code: 'key_revoked' } };
  expect(await ledger.execute(debit)).toEqual(revoked);
  expect(await ledger.execute({ ...debit, key: { namespace: 'test', key: 'new' } })).toEqual(
    revoked,
  );
});

describe('attack 31: faults of the database', () => {
  test('a transaction that dawdles on one wallet holds up no other, and its own goes on after it', async () => {
    const [slow, ...others] = await Promise.all(
      Array.from({ length: 9 }, () => fundedWallet(database, ledger, 10n)),
    );
    if (slow === undefined) throw new Error('no wallet');
    const dawdler = new pg.Client({ connectionString: database.url });
    await dawdler.connect();
    await dawdler.query('begin');
    await dawdler.query('select 1 from wallets where id = $1 for update', [slow.id]);
    let waited = true;
    const late = ledger.execute(slow.debit(1n)).finally(() => (waited = false));
    const outcomes = await Promise.all(others.map((wallet) => ledger.execute(wallet.debit(1n))));
    expect(outcomes.every((one) => one.outcome === 'done')).toBe(true);
    expect(waited).toBe(true);
    await dawdler.query('rollback');
    expect(await late).toMatchObject({ outcome: 'done' });
    await dawdler.end();
  });

  test('wallets that stay locked under a steady stream of their own hold up no other', async () => {
    const wallets = await Promise.all(
      Array.from({ length: 12 }, () => fundedWallet(database, ledger, 50n)),
    );
    const [slow, others] = [wallets.slice(0, 6), wallets.slice(6)];
    const dawdler = new pg.Client({ connectionString: database.url });
    await dawdler.connect();
    await dawdler.query('begin');
    await dawdler.query('select 1 from wallets where id = any($1) for update', [
      slow.map(({ id }) => id),
    ]);
    let answered = 0;
    const late: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      for (const wallet of slow) {
        late.push(ledger.execute(wallet.debit(1n)).finally(() => answered++));
      }
      const done = await Promise.all(others.map((wallet) => ledger.execute(wallet.debit(1n))));
      expect(done.every((one) => one.outcome === 'done')).toBe(true);
    }
    expect(answered).toBe(0);
    const waiting = await database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(waiting.length).toBeLessThanOrEqual(6);
    await dawdler.query('rollback');
    expect(await Promise.all(late)).toHaveLength(120);
    for (const wallet of wallets) {
      expect(await storedCredits(database, wallet)).toMatchObject({ available: 30n });
    }
    await dawdler.end();
  });

  test('a command that cannot be written fails alone, also behind a transaction that dawdles', async () => {
    const wallet = await fundedWallet(database, ledger, 10n);
    const dawdler = new pg.Client({ connectionString: database.url });
    await dawdler.connect();
    await dawdler.query('begin');
    await dawdler.query('select 1 from wallets where id = $1 for update', [wallet.id]);
    const outcomes = Promise.allSettled([
      ledger.execute(wallet.debit(1n)),
      ledger.execute(wallet.debit(1n, { asked: { actor_kind: 'person', actor_id: 'no uuid' } })),
      ledger.execute(wallet.debit(1n)),
    ]);
    for (let waits = 0; waits === 0;) {
      const found = await database.query(
        `select from pg_stat_activity where datname = current_database()
           and wait_event_type = 'Lock' and clock_timestamp() - xact_start > interval '0.2 s'`,
      );
      waits = found.length;
    }
    await dawdler.query('rollback');
    expect((await outcomes).map((one) => one.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 8n });
    await dawdler.end();
  });

  test('connections cut again and again lose nothing and count nothing twice', async () => {
    const wallet = await fundedWallet(database, ledger, 400n);
    const cutting = new AbortController();
    const cut = (async () => {
      while (!cutting.signal.aborted) {
        await database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'scrip-ledger' and datname = current_database()`,
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const debits = Array.from({ length: 300 }, () => wallet.debit(1n));
    const outcomes = [];
    for (let index = 0; index < debits.length; index += 30) {
      const some = debits.slice(index, index + 30);
      outcomes.push(...(await Promise.allSettled(some.map((debit) => ledger.execute(debit)))));
    }
    cutting.abort();
    await cut;
    // What was not acknowledged is asked again with the same key.
    const again = await Promise.all(debits.map((debit) => ledger.execute(debit)));
    expect(again.every((one) => one.outcome === 'done')).toBe(true);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled')
        expect(again[index]).toEqual({ ...outcome.value, replayed: true });
    }
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 100n });
  });

  test.each([
    ['serialization_failure', 'in the statement', ''],
    ['serialization_failure', 'at the commit', 'deferrable initially deferred'],
    ['deadlock_detected', 'in the statement', ''],
  ])('%s %s: tried again, or a 503 that wrote nothing', async (condition, when, deferred) => {
    const wallet = await fundedWallet(database, ledger, 10n);
    // A sequence counts also what is rolled back.
    await database.query(`create sequence refusals`);
    await database.query(`grant all on sequence refusals to public`);
    await database.query(`create function refuse() returns trigger language plpgsql as $$
      begin
        if new.key = 'refused for ever' or new.key = 'refused twice' and nextval('refusals') <= 2
        then raise exception 'refused' using errcode = '${condition}'; end if;
        return null;
      end $$`);
    await database.query(`create constraint trigger refuse after insert on entries ${deferred}
      for each row execute function refuse()`);
    const keyed = (key: string) => wallet.debit(1n, { key: { namespace: when, key } });
    const [twice] = await Promise.allSettled([ledger.execute(keyed('refused twice'))]);
    const [forEver] = await Promise.allSettled([ledger.execute(keyed('refused for ever'))]);
    const [meanwhile] = await database.query<{ keys: string[] }>(
      `select array_agg(key order by key) as keys from entries where wallet_id = $1 and kind = 'debit'`,
      [wallet.id],
    );
    await database.query('drop function refuse cascade');
    await database.query('drop sequence refusals');
    expect(twice).toMatchObject({ status: 'fulfilled', value: { replayed: false } });
    expect(forEver).toMatchObject({ reason: { status: 503, code: 'ledger_busy' } });
    expect(meanwhile).toEqual({ keys: ['refused twice'] });
    for (const [key, replayed] of [
      ['refused twice', true],
      ['refused for ever', false],
    ] as const) {
      expect(await ledger.execute(keyed(key))).toMatchObject({ outcome: 'done', replayed });
    }
    expect(await storedCredits(database, wallet)).toMatchObject({ available: 8n });
  });

  test('a wallet that does not exist is told as such, and nobody waits', async () => {
    const wallet = await newWallet(database);
    const lost = { ...wallet.grant(1n), wallet_id: wallet.workspace_id };
    await expect(ledger.execute(lost)).rejects.toThrow('does not exist');
  });
});

/** How many transactions wrote entries. */
async function transactions(): Promise<number> {
  const [row] = await database.query<{ committed: string }>(
    'select count(distinct xmin::text) as committed from entries',
  );
  return Number(row?.committed);
}
