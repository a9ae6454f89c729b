import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { customersIn } from './customers.ts';
import { loadEntries } from './growth-database.ts';
import { type Member, membersOf } from './members.ts';
import { coldLoad, read } from './page-loads.ts';
import { type Postgres, SETTINGS, startPostgres, temporaryFolder } from './postgres.ts';
import { onlyOnce } from './program.ts';
import { machineOf, tableOf } from './report.ts';
import { startServer } from './server.ts';
import { rounded } from './summary.ts';
import { type Subject, measure, rowsOf, subjectOf } from './turns.ts';

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
    ...PAGES.map((page) =>
      subjectOf(NAMES[page], () => ({ ...dashboard, path: member.path + page })),
    ),
    subjectOf('bare', () => ({ port: bare, path: '/' })),
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

function report(
  subjects: readonly Subject[],
  parts: readonly { path: string; bytes: number }[],
  { member, postgres, options }: { member: Member; postgres: Postgres; options: Options },
): void {
  const rows = rowsOf(subjects);
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
