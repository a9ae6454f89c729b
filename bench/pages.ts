import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { customersIn } from './customers.ts';
import { loadEntries } from './growth-database.ts';
import { type Member, membersOf } from './members.ts';
import { type Address, coldLoad, load, read } from './page-loads.ts';
import { type Postgres, SETTINGS, startPostgres, temporaryFolder } from './postgres.ts';
import { onlyOnce } from './program.ts';
import { machineOf, tableOf } from './report.ts';
import { type Server, startServer } from './server.ts';
import { medianOf, rounded, summaryOf } from './summary.ts';

interface Options {
  rounds: number;
  seconds: number;
  entries: number;
}

/** Pages of the workspace, by what stands behind its address. */
const PAGES = ['', '/history', '/use', '/buy'] as const;
const NAMES: Record<(typeof PAGES)[number], string> = {
  '': 'dashboard',
  '/history': 'history',
  '/use': 'use',
  '/buy': 'buy',
};
const OTHERS = { count: 101, each: 100 };

interface Subject {
  name: string;
  at: Address;
  runs: { p50_ms: number; p99_ms: number; server_ms: number; postgres_ms: number }[];
}

/**
 * The first byte of pages for somebody who is signed in, of a wallet with many entries, in turn with
 * a page of the same length from an Express that does nothing else; and what a page weighs.
 */
export async function benchPages(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const folder = await temporaryFolder(running);
  const data = path.join(folder, 'data');
  await loadEntries(running, data, { ...OTHERS, first: options.entries });
  const postgres = await startPostgres(running, data, { settings: SETTINGS.recommended });
  const server = await startServer(running, { databaseUrl: postgres.url, folder });
  const [largest] = await customersIn(postgres);
  if (largest === undefined) throw new Error('there are no customers');
  say(`a wallet with ${largest.entries.toLocaleString('en')} entries`);
  const [member] = await membersOf(postgres, server, [largest]);
  if (member === undefined) throw new Error('nobody is signed in');
  await postgres.query(`update workspaces set kind = 'team', external_id = null where id = $1`, [
    largest.workspace_id,
  ]);
  const dashboard = { port: server.port, ...member };
  const bare = await startBare(running, folder, await read(dashboard));
  const subjects = [
    ...PAGES.map((page) => subjectOf(NAMES[page], { ...dashboard, path: member.path + page })),
    subjectOf('bare', { port: bare, path: '/' }),
  ];
  await measure(subjects, { postgres, server }, options);
  report(subjects, await coldLoad(dashboard), { member, postgres, options });
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      entries: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 2 : 8)),
    entries: Number(values.entries ?? (values.quick ? 10_000 : 1_000_000)),
  };
}

function subjectOf(name: string, at: Address): Subject {
  return { name, at, runs: [] };
}

/** An Express in a process of its own, in production like the program. */
async function startBare(running: Running, folder: string, html: string): Promise<number> {
  const page = path.join(folder, 'page.html');
  await writeFile(page, html);
  return running
    .start(
      async () => {
        const script = path.join(import.meta.dirname, 'bare-express.ts');
        const child = spawn(process.execPath, [script, page], {
          env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const stop = onlyOnce(async () => {
          const ended = once(child, 'exit');
          child.kill('SIGTERM');
          await ended;
        });
        const [said] = (await once(child.stdout, 'data')) as [Buffer];
        return { port: Number(said.toString()), stop };
      },
      ({ stop }) => stop(),
    )
    .then(({ port }) => port);
}

/** So many requests of one subject follow each other: a processor's time is told in hundredths of a second. */
const TURN_REQUESTS = 20;

/** In turn, so that all meet the same moods of the machine; one request after the other. */
async function measure(
  subjects: readonly Subject[],
  { postgres, server }: { postgres: Postgres; server: Server },
  { rounds, seconds }: Options,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let round = 0; round <= rounds; round++) {
    const samples = subjects.map(() => ({ latencies_ms: [] as number[], server: 0, postgres: 0 }));
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      for (const [index, { at, name }] of subjects.entries()) {
        const sample = samples[index];
        if (sample === undefined) continue;
        const [server_before, postgres_before] = [
          server.processorSeconds(),
          postgres.processorSeconds(),
        ];
        for (let count = 0; count < TURN_REQUESTS; count++) {
          const { status, first_byte_ms } = await load(at, agent);
          if (status !== 200) throw new Error(`${name} answered ${status}`);
          sample.latencies_ms.push(first_byte_ms);
        }
        sample.server += server.processorSeconds() - server_before;
        sample.postgres += postgres.processorSeconds() - postgres_before;
      }
    }
    // The first round is for nothing: code is compiled, pages are read.
    if (round === 0) continue;
    for (const [index, { runs }] of subjects.entries()) {
      const { latencies_ms = [], server: used = 0, postgres: asked = 0 } = samples[index] ?? {};
      const { p50_ms = 0, p99_ms = 0 } = summaryOf(latencies_ms, seconds, latencies_ms.length);
      const [server_ms, postgres_ms] = [used, asked].map((s) => (1000 * s) / latencies_ms.length);
      runs.push({ p50_ms, p99_ms, server_ms: server_ms ?? 0, postgres_ms: postgres_ms ?? 0 });
    }
  }
  agent.destroy();
}

function report(
  subjects: readonly Subject[],
  parts: readonly { path: string; bytes: number }[],
  { member, postgres, options }: { member: Member; postgres: Postgres; options: Options },
): void {
  const rows = subjects.map(({ name, runs }) => {
    const median = (field: keyof Subject['runs'][number]): number =>
      rounded(medianOf(runs.map((run) => run[field])));
    return {
      ...{ page: name, p50_ms: median('p50_ms'), p99_ms: median('p99_ms') },
      ...{ server_ms: median('server_ms'), postgres_ms: median('postgres_ms') },
    };
  });
  say(`\n${tableOf(rows)}\n`);
  const named = parts.map(({ path: at, bytes }) => ({
    part: at === member.path ? 'the page' : at,
    bytes,
  }));
  say(`${tableOf(named)}\n`);
  const [dashboard, bare] = ['dashboard', 'bare'].map((name) =>
    rows.find(({ page }) => page === name),
  );
  if (dashboard === undefined || bare === undefined) throw new Error('a row is missing');
  say(
    JSON.stringify({
      dashboard_p50_ms: dashboard.p50_ms,
      dashboard_p99_ms: dashboard.p99_ms,
      dashboard_vs_bare: rounded(dashboard.p50_ms / bare.p50_ms),
      page_kb: rounded(parts.reduce((sum, { bytes }) => sum + bytes, 0) / 1000),
      pages: rows,
      parts: named,
      ...options,
      settings: SETTINGS.recommended,
      machine: machineOf(postgres),
    }),
  );
}
