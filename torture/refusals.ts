import { setTimeout as pause } from 'node:timers/promises';
import type { Customer } from './asks.ts';
import type { Chance } from './chance.ts';
import { often } from './often.ts';
import type { Stage } from './stage.ts';

/** Somebody has all wallets locked for so long that every connection of the ledger waits for one. */
export async function holdWallets(
  { postgres }: Stage,
  chance: Chance,
  customers: readonly Customer[],
): Promise<number> {
  const dawdler = await postgres.connect();
  await dawdler.query('begin');
  await dawdler.query('select 1 from wallets where id = any($1) order by id for update', [
    customers.map(({ wallet_id }) => wallet_id),
  ]);
  await pause(chance.whole(300, 1_500));
  await dawdler.end();
  return customers.length;
}

/** Two wallets locked in the order that the ledger never takes; the ledger is the one to give way. */
export async function deadlock(
  { postgres }: Stage,
  chance: Chance,
  customers: readonly Customer[],
): Promise<number> {
  const before = await deadlocksOf({ postgres });
  const other = await postgres.connect();
  await other.query(`set deadlock_timeout = '10s'`);
  await other.query(`set lock_timeout = '200ms'`);
  const ids = customers.map(({ wallet_id }) => wallet_id).sort();
  const cross = async (): Promise<void> => {
    const first = chance.whole(0, ids.length - 2);
    await other.query('begin');
    try {
      await other.query('select 1 from wallets where id = $1 for update', [ids.at(-1)]);
      await pause(chance.whole(2, 8));
      await other.query('select 1 from wallets where id = any($1) for update', [
        ids.slice(first, -1),
      ]);
    } catch {
      // It is not the ledger that gave way, this time.
    }
    await other.query('rollback');
    await pause(chance.whole(0, 20));
  };
  for (let round = 0; round < 25; round++) await cross();
  // PostgreSQL counts what happened up to a second later.
  const deadlocks = await often(async () => {
    await cross();
    return (await deadlocksOf({ postgres })) - before;
  });
  await other.end();
  return deadlocks;
}

async function deadlocksOf({ postgres }: Pick<Stage, 'postgres'>): Promise<number> {
  const [row] = await postgres.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return Number(row?.deadlocks);
}

export async function refuseSerialization(stage: Stage, chance: Chance): Promise<number> {
  return refuse(stage, chance, 'serialization_failure');
}

/** PostgreSQL itself refuses now and then, in the statement or only at the commit. */
async function refuse(
  { postgres }: Stage,
  chance: Chance,
  condition: 'serialization_failure' | 'disk_full',
): Promise<number> {
  await postgres.query(`
    create sequence torture_refusals;
    grant usage on sequence torture_refusals to public;
    create function torture_refuse() returns trigger language plpgsql as $$
    begin
      if random() < 0.04 then
        perform nextval('torture_refusals');
        raise exception 'refused for a trial' using errcode = '${condition}';
      end if;
      return null;
    end $$;
    create trigger torture_at_once after insert on entries
      for each row execute function torture_refuse();
    create constraint trigger torture_at_commit after insert on entries
      deferrable initially deferred for each row execute function torture_refuse()`);
  await pause(chance.whole(800, 1_600));
  const refused = await often(async () => {
    const [row] = await postgres.query<{ refused: string }>(
      'select case when is_called then last_value else 0 end as refused from torture_refusals',
    );
    return Number(row?.refused);
  });
  await postgres.query(`
    drop trigger torture_at_commit on entries;
    drop trigger torture_at_once on entries;
    drop function torture_refuse();
    drop sequence torture_refusals`);
  return refused;
}

/**
 * A disk without room, for the tables or also for the log, without which PostgreSQL ends. Where no
 * disk could be mounted, PostgreSQL says so without being so.
 */
export async function fillDisk(stage: Stage, chance: Chance): Promise<number> {
  const { disk, postgres } = stage;
  if (disk === undefined) return refuse(stage, chance, 'disk_full');
  const alsoForTheLog = chance.next() < 0.5;
  await disk.fill();
  try {
    const until = performance.now() + chance.whole(500, 2_000);
    while (performance.now() < until) {
      // Its log goes on in a file of its own each time, until no room is left for another.
      if (alsoForTheLog) await postgres.query('select pg_switch_wal()').catch(() => undefined);
      await pause(50);
    }
  } finally {
    await disk.empty();
    await postgres.revive();
  }
  return 1;
}

/** As after a failover, when the old primary has become a standby. */
export async function forbidWrites({ postgres }: Stage, chance: Chance): Promise<number> {
  await pause(chance.whole(50, 200));
  await setReadOnly(postgres, 'on');
  await pause(chance.whole(200, 1_000));
  await setReadOnly(postgres, 'off');
  return 1;
}

async function setReadOnly(postgres: Stage['postgres'], to: 'on' | 'off'): Promise<void> {
  await postgres.query(`alter system set default_transaction_read_only = ${to}`);
  await postgres.query('select pg_reload_conf()');
}
