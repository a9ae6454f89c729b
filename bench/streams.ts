import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { chooseClients } from './clients.ts';
import { type Customer, customersIn } from './customers.ts';
import { loadEntries } from './growth-database.ts';
import { HttpConnection } from './http-connection.ts';
import { proveLedger } from './ledger-proof.ts';
import { membersOf } from './members.ts';
import { type OpenPage, openPages, until } from './open-streams.ts';
import { type Postgres, SETTINGS, startPostgres, temporaryFolder } from './postgres.ts';
import { machineOf, tableOf } from './report.ts';
import { IN_ONE_REQUEST } from './scenarios.ts';
import { type Server, startServer } from './server.ts';
import { overHttp } from './subjects.ts';
import { rounded, summaryOf } from './summary.ts';

interface Options {
  streams: number;
  seconds: number;
  nodeOnly: boolean;
}

/** A program, its database, and the pages that are open. */
interface Stage {
  postgres: Postgres;
  server: Server;
  pages: OpenPage[];
  customers: Customer[];
}

/**
 * Open pages on one process, each of a wallet and a person of its own: what they cost while nothing
 * happens, how soon a change is on them, and what debits cost with and without them.
 */
export async function benchStreams(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const folder = await temporaryFolder(running);
  const data = path.join(folder, 'data');
  await loadEntries(running, data, { count: options.streams, first: 100, each: 100 });
  const postgres = await startPostgres(running, data, { settings: SETTINGS.recommended });
  const server = await startServer(running, { databaseUrl: postgres.url, folder });
  const customers = await customersIn(postgres);
  const clients = await chooseClients(options.nodeOnly);
  const debits = overHttp({ postgres, server, clients, wallets: customers.length }, 'spread');
  await debits.load(options.seconds);
  const without = await debits.load(options.seconds);
  const before = server.residentBytes();
  const opening = performance.now();
  const members = await membersOf(postgres, server, customers);
  const pages = await openPages(server.port, members);
  const opened_s = (performance.now() - opening) / 1000;
  const stage = { postgres, server, pages, customers };
  const idle = await idleOf(stage, Math.max(20, options.seconds));
  const memory_kb = (server.residentBytes() - before) / pages.length / 1000;
  const one = await latencyOfOne(stage);
  const all_ms = await latencyOfAll(stage);
  const withStreams = await debits.load(options.seconds);
  for (const page of pages) page.close();
  const figures = {
    streams: pages.length,
    opened_s: rounded(opened_s),
    memory_kb_per_stream: rounded(memory_kb),
    ...idle,
    ...one,
    all_ms: rounded(all_ms),
    debits_per_second_without: rounded(without.per_second),
    debits_per_second_with: rounded(withStreams.per_second),
    debits_ratio: rounded(withStreams.per_second / without.per_second),
  };
  say(`\n${tableOf(Object.entries(figures).map(([what, value]) => ({ what, value })))}\n`);
  await server.stop();
  await proveLedger(postgres.url);
  say('The ledger adds up.');
  say(
    JSON.stringify({ ...figures, ...options, clients: clients.http, machine: machineOf(postgres) }),
  );
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      streams: { type: 'string' },
      seconds: { type: 'string' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  return {
    streams: Number(values.streams ?? (values.quick ? 200 : 5_000)),
    seconds: Number(values.seconds ?? (values.quick ? 2 : 8)),
    nodeOnly: values.clients === 'node',
  };
}

/** Percent of one processor while nothing happens: signs of life, and whether each may still look. */
async function idleOf({ server, postgres }: Stage, seconds: number) {
  await wait(2_000);
  const before = [server.processorSeconds(), postgres.processorSeconds()] as const;
  await wait(seconds * 1_000);
  const percent = (used: number): number => rounded((100 * used) / seconds);
  return {
    idle_server_percent: percent(server.processorSeconds() - before[0]),
    idle_postgres_percent: percent(postgres.processorSeconds() - before[1]),
  };
}

const SAMPLES = 100;

/** From sending a debit over HTTP until the page of its wallet has been told. */
async function latencyOfOne({ server, pages, customers }: Stage) {
  const connection = await HttpConnection.open(server.port, server.apiKey);
  const latencies_ms: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const told = pages.map(({ messages }) => messages);
    const customer = customers[Math.floor(Math.random() * customers.length)];
    const asked = performance.now();
    await connection.ask(debitOf([customer?.external_id ?? ''], `one-${sample}`));
    await until(() => pages.some(({ messages }, index) => messages > (told[index] ?? 0)));
    const first = pages.filter(({ messages }, index) => messages > (told[index] ?? 0));
    latencies_ms.push(Math.max(...first.map(({ told_at }) => told_at)) - asked);
    await wait(20);
  }
  connection.close();
  const { p50_ms = 0, p99_ms = 0 } = summaryOf(latencies_ms, 1, latencies_ms.length);
  return { one_p50_ms: rounded(p50_ms), one_p99_ms: rounded(p99_ms) };
}

/** From sending a debit of every wallet until the last page has been told. */
async function latencyOfAll({ server, pages, customers }: Stage): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: 8 }, () => HttpConnection.open(server.port, server.apiKey)),
  );
  const told = pages.map(({ messages }) => messages);
  const names = customers.map(({ external_id }) => external_id);
  const asked = performance.now();
  await Promise.all(
    connections.map(async (connection, own) => {
      const first = own * IN_ONE_REQUEST;
      for (let at = first; at < names.length; at += connections.length * IN_ONE_REQUEST) {
        await connection.ask(debitOf(names.slice(at, at + IN_ONE_REQUEST), `all-${at}`));
      }
    }),
  );
  await until(() => pages.every(({ messages }, index) => messages > (told[index] ?? 0)));
  for (const connection of connections) connection.close();
  return Math.max(...pages.map(({ told_at }) => told_at)) - asked;
}

function debitOf(customers: readonly string[], key: string) {
  const debits = customers.map((customer, index) => {
    const idempotency_key = `${key}-${index}`;
    return { customer, operation: 'message.send', quantity: '1', idempotency_key };
  });
  return { path: '/api/v1/debits', key: '', body: JSON.stringify({ debits }) };
}
