import { setTimeout as pause } from 'node:timers/promises';
import type { Baseline } from './baselines.ts';
import { type Clients, type StatementClient, loadByHttp, loadByStatements } from './clients.ts';
import type { Postgres } from './postgres.ts';
import { processorSecondsOfEndedChildren } from './processor.ts';
import { DEBITS_PER_REQUEST, ENTRIES_PER_REQUEST, type Scenario } from './scenarios.ts';
import type { Server } from './server.ts';
import { type Summary, medianOf } from './summary.ts';

/** What is under load. */
export interface Bench {
  postgres: Postgres;
  server: Server;
  clients: Clients;
  wallets: number;
  /** For what clients must have in a file. */
  folder: string;
}

/** A row of the table, measured in each round. */
export interface Subject {
  name: string;
  client: string;
  debits_per_request: number;
  load: (seconds: number) => Promise<Summary>;
}

/** What a run came to, in debits. */
export interface Measured {
  per_second: number;
  p50_ms: number | undefined;
  p99_ms: number | undefined;
  /** Processor time for each debit, in microseconds. */
  server_us: number;
  postgres_us: number;
  client_us: number;
  /** What each debit adds to the write-ahead log: whole pages too, after a checkpoint. */
  wal_bytes: number;
}

const SCENARIOS: readonly Scenario[] = ['spread', 'hot', 'hundred', 'hold', 'repeats'];
const BASELINES: readonly Baseline[] = ['statement', 'statement_hot', 'for_update'];

/** A baseline follows each of the first scenarios, so that both meet the same moods of the machine. */
export function subjectsOf(bench: Bench, only: readonly string[]): Subject[] {
  const { clients } = bench;
  const baselines = [clients.statements, ...(clients.unlike === undefined ? [] : [clients.unlike])];
  const all = SCENARIOS.flatMap((scenario, index) => {
    const baseline = BASELINES[index];
    if (baseline === undefined) return [overHttp(bench, scenario)];
    const beside = baselines.map((client) => onDatabase(bench, baseline, client));
    return [overHttp(bench, scenario), ...beside];
  });
  return only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
}

export function overHttp(bench: Omit<Bench, 'folder'>, scenario: Scenario): Subject {
  const { server, clients, wallets, postgres } = bench;
  return {
    name: scenario,
    client: clients.http,
    debits_per_request: DEBITS_PER_REQUEST[scenario],
    load: async (seconds) => {
      const before = await countEntries(postgres);
      const summary = await loadByHttp(clients.http, { server, scenario, wallets, seconds });
      const written = (await settledEntries(postgres)) - before;
      const due = summary.total * ENTRIES_PER_REQUEST[scenario];
      if (written < due)
        throw new Error(`${scenario}: ${written} entries where ${due} were answered`);
      return summary;
    },
  };
}

/** The client that is not like the one over HTTP is named, so that nobody compares the two unawares. */
function onDatabase(bench: Bench, baseline: Baseline, client: StatementClient): Subject {
  const { postgres, wallets, folder, clients } = bench;
  return {
    name: client === clients.statements ? baseline : `${baseline}_by_${client}`,
    client,
    debits_per_request: 1,
    load: (seconds) =>
      loadByStatements(client, { url: postgres.url, baseline, wallets, seconds, folder }),
  };
}

async function countEntries({ query }: Postgres): Promise<number> {
  const [found] = await query<{ count: string }>('select sum(last_seq) as count from wallets');
  return Number(found?.count);
}

/** wrk leaves without its last answers: what it asked for is waited for, and burdens no other row. */
async function settledEntries(postgres: Postgres): Promise<number> {
  for (let before = -1; ;) {
    const count = await countEntries(postgres);
    if (count === before) return count;
    before = count;
    await pause(100);
  }
}

async function writtenBytes({ query }: Postgres): Promise<number> {
  const [found] = await query<{ bytes: string }>(
    `select pg_current_wal_insert_lsn() - '0/0' as bytes`,
  );
  return Number(found?.bytes);
}

/** Measures one run, and what it used of the machine. */
export async function observe(
  { server, postgres }: Pick<Bench, 'server' | 'postgres'>,
  subject: Subject,
  seconds: number,
): Promise<Measured> {
  const used = async (): Promise<number[]> => [
    server.processorSeconds() * 1e6,
    postgres.processorSeconds() * 1e6,
    processorSecondsOfEndedChildren() * 1e6,
    await writtenBytes(postgres),
  ];
  const before = await used();
  const { per_second, total, p50_ms, p99_ms } = await subject.load(seconds);
  if (per_second === 0) {
    throw new Error(`${subject.name}: nothing was answered in time; measure for more seconds`);
  }
  const after = await used();
  const [server_us = 0, postgres_us = 0, client_us = 0, wal_bytes = 0] = after.map(
    (value, index) => (value - (before[index] ?? 0)) / (total * subject.debits_per_request),
  );
  const debits = per_second * subject.debits_per_request;
  return { per_second: debits, p50_ms, p99_ms, server_us, postgres_us, client_us, wal_bytes };
}

export function medianMeasured(runs: readonly Measured[]): Measured {
  const median = (field: keyof Measured): number =>
    medianOf(runs.flatMap((run) => run[field] ?? []));
  const isTimed = runs.some((run) => run.p99_ms !== undefined);
  return {
    per_second: median('per_second'),
    p50_ms: isTimed ? median('p50_ms') : undefined,
    p99_ms: isTimed ? median('p99_ms') : undefined,
    server_us: median('server_us'),
    postgres_us: median('postgres_us'),
    client_us: median('client_us'),
    wal_bytes: median('wal_bytes'),
  };
}
