import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { BASELINE_CONNECTIONS, type Baseline, pgbenchScript } from './baselines.ts';
import { isInstalled, runProgram } from './program.ts';
import type { Scenario } from './scenarios.ts';
import type { Server } from './server.ts';
import { Summary } from './summary.ts';

/** Load generators, each a process of its own that runs for a while and says what it saw. */

export type HttpClient = 'wrk' | 'node';
export type StatementClient = 'pgbench' | 'node';

export const HTTP_CONNECTIONS = 64;
/** Not measured, so that connections and statements are warm. */
const LEAD_IN_SECONDS = 0.5;

const here = (file: string): string => path.join(import.meta.dirname, file);

export interface HttpLoad {
  server: Pick<Server, 'port' | 'apiKey'>;
  scenario: Scenario;
  wallets: number;
  seconds: number;
  /** Requests a second, for the Node client only. */
  rate?: number;
}

let runs = 0;

export async function loadByHttp(client: HttpClient, load: HttpLoad): Promise<Summary> {
  const { server, scenario, wallets, seconds, rate } = load;
  const { port, apiKey: api_key } = server;
  runs += 1;
  const run = `${process.pid}-${Date.now()}-${runs}`;
  if (client === 'wrk') {
    const limits = ['-t1', `-c${HTTP_CONNECTIONS}`, `-d${seconds}s`, '--timeout', '30s'];
    const script = ['-s', here('requests.lua'), `http://127.0.0.1:${port}`];
    const values = ['--', scenario, api_key, String(wallets), run];
    return lastLineOf(await runProgram('wrk', [...limits, ...script, ...values]));
  }
  const connections = HTTP_CONNECTIONS;
  const options = { port, api_key, scenario, wallets, run, connections, seconds, rate };
  return runNode('http-client.ts', { ...options, lead_in_seconds: LEAD_IN_SECONDS });
}

export interface StatementLoad {
  url: string;
  baseline: Baseline;
  wallets: number;
  seconds: number;
  /** Where a script may be put. */
  folder: string;
}

export async function loadByStatements(
  client: StatementClient,
  { url, baseline, wallets, seconds, folder }: StatementLoad,
): Promise<Summary> {
  const spread = baseline === 'statement_hot' ? 1 : wallets;
  if (client === 'node') {
    const options = { url, baseline, wallets: spread, seconds };
    return runNode('statements-client.ts', { ...options, lead_in_seconds: LEAD_IN_SECONDS });
  }
  const script = path.join(folder, `${baseline}.sql`);
  await writeFile(script, pgbenchScript(baseline));
  const { hostname, port, username, password, pathname } = new URL(url);
  const out = await runProgram(
    'pgbench',
    [
      ...['-n', '-M', 'prepared', '-c', String(BASELINE_CONNECTIONS), '-j', '1'],
      ...['-T', String(seconds), '-D', `wallets=${spread}`, '-f', script],
    ],
    {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: pathname.slice(1),
    },
  );
  const number = (pattern: RegExp): number => Number(pattern.exec(out)?.[1]);
  return Summary.parse({
    per_second: number(/tps = ([\d.]+)/),
    total: number(/transactions actually processed: (\d+)/),
  });
}

async function runNode(file: string, options: Record<string, unknown>): Promise<Summary> {
  // Its own pauses would be measured as the program's (docs/decisions/028).
  const flags = ['--no-allocation-site-pretenuring'];
  const parameters = [...flags, here(file), JSON.stringify(options)];
  return lastLineOf(await runProgram(process.execPath, parameters));
}

function lastLineOf(out: string): Summary {
  const answer: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '');
  const refused = z.object({ refused: z.number() }).safeParse(answer);
  if (refused.success && refused.data.refused > 0) {
    throw new Error(`${refused.data.refused} requests were not answered as expected`);
  }
  return Summary.parse(answer);
}

export interface Clients {
  http: HttpClient;
  /** Like the client over HTTP, so that ratios compare what they seem to. */
  statements: StatementClient;
  /** Measured beside it where it is installed and the other client over HTTP is not. */
  unlike: StatementClient | undefined;
}

/** wrk and pgbench where both are installed, else Node for both. */
export async function chooseClients(nodeOnly: boolean): Promise<Clients> {
  const [wrk, pgbench] = await Promise.all([
    !nodeOnly && isInstalled('wrk', '--version'),
    !nodeOnly && isInstalled('pgbench', '--version'),
  ]);
  if (wrk && pgbench) return { http: 'wrk', statements: 'pgbench', unlike: undefined };
  return { http: 'node', statements: 'node', unlike: pgbench ? 'pgbench' : undefined };
}
