import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Chance } from './chance.ts';
import { often } from './often.ts';
import type { Stage } from './stage.ts';

export async function killProgram({ programs }: Stage, chance: Chance): Promise<number> {
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
export async function killBackend({ postgres }: Stage, chance: Chance): Promise<number> {
  await pause(chance.whole(50, 300));
  const killed = await often(async () => {
    const [backend] = await postgres.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'scrip-ledger'
       order by state = 'active' desc, pid limit 1`,
    );
    if (backend === undefined) return 0;
    process.kill(backend.pid, 'SIGKILL');
    return 1;
  });
  await postgres.revive();
  return killed;
}

export async function terminateBackends({ postgres }: Stage, chance: Chance): Promise<number> {
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

export async function killPostgres({ postgres }: Stage, chance: Chance): Promise<number> {
  await pause(chance.whole(50, 400));
  await postgres.kill(chance.oneOf(['SIGQUIT', 'SIGKILL']));
  await pause(chance.whole(0, 500));
  await postgres.revive();
  return 1;
}

export async function cutCommits({ postgres }: Stage, chance: Chance): Promise<number> {
  const count = chance.whole(5, 12);
  await postgres.proxy.cutCommits(count);
  return count;
}

export async function cutConnections({ postgres }: Stage, chance: Chance): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await pause(chance.whole(20, 200));
    postgres.proxy.cutAll();
  }
  return 5;
}

/** PostgreSQL takes no more connections, and the programs have just lost theirs. */
export async function takeConnections({ postgres }: Stage, chance: Chance): Promise<number> {
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
