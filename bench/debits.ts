import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { baselineTables } from './baselines.ts';
import { type Clients, chooseClients, loadByHttp } from './clients.ts';
import { loadCustomers } from './customers.ts';
import { proveLedger } from './ledger-proof.ts';
import {
  type SettingsName,
  SETTINGS,
  isInMemory,
  settingsNameOf,
  startPostgres,
  temporaryFolder,
} from './postgres.ts';
import { hottestOf, newProfileFolder } from './profile.ts';
import { machineOf, tableOf } from './report.ts';
import { release, startServer } from './server.ts';
import {
  type Bench,
  type Measured,
  type Subject,
  medianMeasured,
  observe,
  overHttp,
  subjectsOf,
} from './subjects.ts';
import { medianOf, rounded } from './summary.ts';

interface Options {
  settings: SettingsName;
  rounds: number;
  seconds: number;
  wallets: number;
  /** The rows that are asked for; all when empty. */
  only: string[];
  nodeOnly: boolean;
  profile: boolean;
}

type Figures = ReadonlyMap<string, Measured>;

/** Debits over HTTP beside bare statements on the same database, in turn. */
export async function benchDebits(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const folder = await temporaryFolder(running);
  const profileFolder = options.profile ? await newProfileFolder() : undefined;
  const bench = await prepare(running, options, { folder, profileFolder });
  const subjects = subjectsOf(bench, options.only);
  const figures = await measure(bench, subjects, options);
  const paced = await atHalfLoad(bench, figures.get('spread'), options);
  await bench.server.stop();
  await proveLedger(bench.postgres.url);
  say(`\n${tableOf(subjects.map(({ name, client }) => rowOf(name, client, figures.get(name))))}\n`);
  if (paced !== undefined) {
    say(`single debits at ${paced.rate} a second: 99 of 100 within ${rounded(paced.p99_ms)} ms`);
  }
  say('The ledger adds up.');
  if (profileFolder !== undefined) say(await hottestOf(profileFolder));
  const { http, statements } = bench.clients;
  say(
    JSON.stringify({
      benchmark: 'debits',
      ...ratiosOf(figures, bench.clients),
      p99_ms_at_half_load: paced === undefined ? undefined : rounded(paced.p99_ms),
      half_load_per_second: paced?.rate,
      figures: Object.fromEntries(
        subjects.map(({ name, client }) => [name, rowOf(name, client, figures.get(name))]),
      ),
      clients: { http, statements, paced: 'node' },
      rounds: options.rounds,
      seconds: options.seconds,
      wallets: options.wallets,
      settings: { name: options.settings, ...SETTINGS[options.settings] },
      disk: (await isInMemory(folder)) ? 'memory, where a flush costs nothing' : 'disk',
      machine: machineOf(bench.postgres),
      ledger_verified: true,
    }),
  );
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      settings: { type: 'string', default: 'recommended' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      wallets: { type: 'string', default: '10000' },
      only: { type: 'string', default: '' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  return {
    settings: settingsNameOf(values.settings),
    rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 2 : 8)),
    wallets: Number(values.wallets),
    only: values.only.split(',').filter(Boolean),
    nodeOnly: values.clients === 'node',
    profile: values.profile,
  };
}

/** A database as a product has it that has 10,000 customers with three lots each, and the program. */
async function prepare(
  running: Running,
  { settings, wallets, nodeOnly }: Options,
  { folder, profileFolder }: { folder: string; profileFolder: string | undefined },
): Promise<Bench> {
  const clients = await chooseClients(nodeOnly);
  const postgres = await startPostgres(running, path.join(folder, 'postgres'), {
    settings: SETTINGS[settings],
  });
  await release(postgres.url);
  await loadCustomers(postgres, {
    count: wallets,
    lots: 3,
    granted_micro: 10n ** 12n,
    debits_first: 0,
    debits_each: 0,
  });
  await postgres.query(baselineTables(wallets));
  await postgres.query('checkpoint');
  const server = await startServer(running, { databaseUrl: postgres.url, folder, profileFolder });
  return { postgres, server, clients, wallets, folder };
}

async function measure(
  bench: Bench,
  subjects: readonly Subject[],
  { rounds, seconds }: Options,
): Promise<Figures> {
  const runs = new Map<Subject, Measured[]>(subjects.map((subject) => [subject, []]));
  // Once for nothing: code is compiled, statements are planned, customers are looked up, pages are read
  // and have been written whole once since the checkpoint.
  await overHttp(bench, 'hundred').load(Math.min(8, 2 * seconds));
  for (const subject of subjects) await subject.load(Math.min(2, seconds));
  for (let round = 1; round <= rounds; round++) {
    for (const [subject, measured] of runs) {
      const run = await observe(bench, subject, seconds);
      measured.push(run);
      say(`round ${round}: ${subject.name} ${Math.round(run.per_second)}/s`);
    }
  }
  return new Map([...runs].map(([{ name }, measured]) => [name, medianMeasured(measured)]));
}

/** How long a single debit takes when the program has half of what it can do. */
async function atHalfLoad(
  { server, wallets }: Bench,
  greatest: Measured | undefined,
  { rounds, seconds, only }: Options,
): Promise<{ rate: number; p99_ms: number } | undefined> {
  if (greatest === undefined || (only.length > 0 && !only.includes('p99'))) return undefined;
  const rate = Math.round(greatest.per_second / 2);
  const found: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const load = { server, scenario: 'spread', wallets, seconds, rate } as const;
    const { p99_ms } = await loadByHttp('node', load);
    found.push(p99_ms ?? Infinity);
  }
  return { rate, p99_ms: medianOf(found) };
}

/** By how much the program does more than a statement: with like clients, and apart from them with others. */
function ratiosOf(figures: Figures, { unlike }: Clients) {
  const ratio = (name: string, baseline: string): number | undefined => {
    const [one, other] = [figures.get(name), figures.get(baseline)];
    if (one === undefined || other === undefined) return undefined;
    return rounded(one.per_second / other.per_second);
  };
  const beside = (suffix: string) => ({
    spread_vs_statement: ratio('spread', `statement${suffix}`),
    hot_vs_statement: ratio('hot', `statement_hot${suffix}`),
    hundred_vs_statement: ratio('hundred', `statement${suffix}`),
    spread_vs_for_update: ratio('spread', `for_update${suffix}`),
  });
  if (unlike === undefined) return beside('');
  const others = { ...beside(`_by_${unlike}`), comparable: false };
  return { ...beside(''), [`against_${unlike}`]: others };
}

function rowOf(name: string, client: string, measured: Measured | undefined) {
  const value = (field: keyof Measured): number | undefined => {
    const found = measured?.[field];
    return found === undefined ? undefined : rounded(found);
  };
  return {
    what: name,
    client,
    'debits/s': Math.round(measured?.per_second ?? 0),
    p50_ms: value('p50_ms'),
    p99_ms: value('p99_ms'),
    server_us: value('server_us'),
    postgres_us: value('postgres_us'),
    client_us: value('client_us'),
    wal_bytes: value('wal_bytes'),
  };
}
