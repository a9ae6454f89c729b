import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Chance } from './chance.ts';
import type { Customer } from './asks.ts';
import type { Stage } from './stage.ts';

/** What is done to a stage while its programs work, and undone before this returns. */
export interface Fault {
  /** What it was, as a count of it is called. */
  what: string;
  /** @returns how often it happened: 0 tells that nothing was tried */
  happen: (stage: Stage, chance: Chance, customers: readonly Customer[]) => Promise<number>;
}

async function killProgram({ programs }: Stage, chance: Chance): Promise<number> {
  for (const round of [1, 2]) {
    const program = chance.oneOf(programs);
    await pause(chance.whole(50, 400));
    await program.end('SIGKILL');
    await pause(chance.whole(0, 200) * round);
    program.start();
    await program.ready();
  }
  return 2;
}

/** One killed backend, and PostgreSQL ends all others and repairs itself. */
async function killBackend({ postgres }: Stage, chance: Chance): Promise<number> {
  await pause(chance.whole(50, 300));
  const [backend] = await postgres.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'scrip-ledger'
     order by state = 'active' desc, pid limit 1`,
  );
  if (backend === undefined) return 0;
  process.kill(backend.pid, 'SIGKILL');
  await postgres.revive();
  return 1;
}

async function terminateBackends({ postgres }: Stage, chance: Chance): Promise<number> {
  let ended = 0;
  for (let round = 0; round < 10; round++) {
    const rows = await postgres.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'scrip-%' and random() < 0.5`,
    );
    ended += rows.length;
    await pause(chance.whole(10, 120));
  }
  return ended;
}

async function killPostgres({ postgres }: Stage, chance: Chance): Promise<number> {
  await pause(chance.whole(50, 400));
  await postgres.kill(chance.oneOf(['SIGQUIT', 'SIGKILL']));
  await pause(chance.whole(0, 500));
  await postgres.revive();
  return 1;
}

async function cutCommits({ postgres }: Stage, chance: Chance): Promise<number> {
  const count = chance.whole(5, 12);
  await postgres.proxy.cutCommits(count);
  return count;
}

async function cutConnections({ postgres }: Stage, chance: Chance): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await pause(chance.whole(20, 200));
    postgres.proxy.cutAll();
  }
  return 5;
}

/** Somebody has all wallets locked for so long that every connection of the ledger waits for one. */
async function holdWallets(
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

/** PostgreSQL takes no more connections, and the programs have just lost theirs. */
async function takeConnections({ postgres }: Stage, chance: Chance): Promise<number> {
  const first = await postgres.connect();
  const taken: pg.Client[] = [];
  const until = performance.now() + chance.whole(500, 1_200);
  while (performance.now() < until) {
    await first.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'scrip-%'`,
    );
    const more = await Promise.allSettled(Array.from({ length: 20 }, () => postgres.connect()));
    taken.push(...more.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    await pause(20);
  }
  await Promise.all([first, ...taken].map((one) => one.end()));
  return taken.length;
}

/** Two wallets locked in the order that the ledger never takes; the ledger is the one to give way. */
async function deadlock(
  { postgres }: Stage,
  chance: Chance,
  customers: readonly Customer[],
): Promise<number> {
  const before = await deadlocksOf({ postgres });
  const other = await postgres.connect();
  await other.query(`set deadlock_timeout = '10s'`);
  await other.query(`set lock_timeout = '200ms'`);
  const ids = customers.map(({ wallet_id }) => wallet_id).sort();
  for (let round = 0; round < 25; round++) {
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
  }
  await other.end();
  // PostgreSQL counts what happened up to a second later.
  for (let waited = 0; ; waited += 100) {
    const deadlocks = (await deadlocksOf({ postgres })) - before;
    if (deadlocks > 0 || waited > 1_500) return deadlocks;
    await pause(100);
  }
}

async function deadlocksOf({ postgres }: Pick<Stage, 'postgres'>): Promise<number> {
  const [row] = await postgres.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return Number(row?.deadlocks);
}

async function refuseSerialization(stage: Stage, chance: Chance): Promise<number> {
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
  const [row] = await postgres.query<{ refused: string }>(
    'select case when is_called then last_value else 0 end as refused from torture_refusals',
  );
  await postgres.query(`
    drop trigger torture_at_commit on entries;
    drop trigger torture_at_once on entries;
    drop function torture_refuse();
    drop sequence torture_refusals`);
  return Number(row?.refused);
}

/**
 * A disk without room, for the tables or also for the log, without which PostgreSQL ends. Where no
 * disk could be mounted, PostgreSQL says so without being so.
 */
async function fillDisk(stage: Stage, chance: Chance): Promise<number> {
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
async function forbidWrites({ postgres }: Stage, chance: Chance): Promise<number> {
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

/** Each program's clock an hour ahead, an hour back and right again, at moments of its own. */
async function moveClocks({ programs }: Stage, chance: Chance): Promise<number> {
  const JUMPS = 3;
  const pauses = programs.map(() => Array.from({ length: JUMPS }, () => chance.whole(50, 600)));
  await Promise.all(
    programs.map(async (program, index) => {
      for (const milliseconds of pauses[index] ?? []) {
        await pause(milliseconds);
        program.jump();
      }
    }),
  );
  return JUMPS * programs.length;
}

export const FAULTS = {
  'program-killed': { what: 'programs killed', happen: killProgram },
  'backend-killed': { what: 'backends killed', happen: killBackend },
  'backends-ended': { what: 'backends ended', happen: terminateBackends },
  'postgres-killed': { what: 'servers killed', happen: killPostgres },
  'commit-unheard': { what: 'commits unheard', happen: cutCommits },
  'connections-cut': { what: 'cuts of all connections', happen: cutConnections },
  'pool-exhausted': { what: 'wallets held', happen: holdWallets },
  'connections-taken': { what: 'connections taken', happen: takeConnections },
  deadlock: { what: 'deadlocks', happen: deadlock },
  serialization: { what: 'serialization failures', happen: refuseSerialization },
  'disk-full': { what: 'full disks', happen: fillDisk },
  'read-only': { what: 'times without writes', happen: forbidWrites },
  'clock-jump': { what: 'jumps of clocks', happen: moveClocks },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);
