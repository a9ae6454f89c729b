import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { type Clients, chooseClients } from './clients.ts';
import { type Serving, type Sized, loadSized, restore, serve } from './growth-database.ts';
import { proveLedger } from './ledger-proof.ts';
import {
  SETTINGS,
  type SettingsName,
  settingsNameOf,
  startPostgres,
  temporaryFolder,
} from './postgres.ts';
import { READS, measureRead } from './reads.ts';
import { machineOf, tableOf } from './report.ts';
import { type Measured, type Subject, medianMeasured, observe, overHttp } from './subjects.ts';
import { rounded } from './summary.ts';

interface Options {
  settings: SettingsName[];
  rounds: number;
  seconds: number;
  entries: number;
  only: string[];
  nodeOnly: boolean;
}

/** The same on a small and on a large database: milliseconds for one, all processors together. */
interface Figure {
  what: string;
  small_ms: number;
  large_ms: number;
  ratio: number;
  small_postgres_us: number;
  large_postgres_us: number;
  small_wal_bytes: number;
  large_wal_bytes: number;
}

const SMALL_ENTRIES = 10_000;
const DEBITS = { spread: 'debit', hundred: 'debit_in_hundreds', hot: 'debit_of_largest' } as const;
const DEBIT_SCENARIOS = ['spread', 'hundred', 'hot'] as const;
const NAMES: readonly string[] = [...READS, ...Object.values(DEBITS)];

/** Debits and reads with few and with many entries, in turn. */
export async function benchGrowth(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const clients = await chooseClients(options.nodeOnly);
  const folder = await temporaryFolder(running);
  const sizes: Sized[] = [
    { name: 'small', entries: SMALL_ENTRIES, folder: path.join(folder, 'small') },
    { name: 'large', entries: options.entries, folder: path.join(folder, 'large') },
  ];
  for (const sized of sizes) {
    const started = performance.now();
    await loadSized(running, sized);
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`${sized.name}: ${sized.entries.toLocaleString('en')} entries, loaded in ${seconds} s`);
  }
  const found = new Map<SettingsName, Figure[]>(options.settings.map((name) => [name, []]));
  // All that is read comes first: debits would leave more in the open quarter hour of the large one.
  for (const names of [READS, Object.values(DEBITS)]) {
    const only = names.filter((name) => options.only.includes(name));
    if (only.length === 0) continue;
    for (const [settings, figures] of found) {
      const serving = await Promise.all(
        sizes.map((size) => serve(running, size, SETTINGS[settings])),
      );
      figures.push(...(await compare(serving, clients, { ...options, only })));
      for (const on of serving) await on.stop();
    }
  }
  for (const [settings, figures] of found) {
    const table = tableOf(figures.map((figure) => ({ ...figure })));
    say(`\nPostgreSQL with ${settings} settings:\n${table}\n`);
  }
  const machine = await prove(running, sizes);
  say('Both ledgers add up.');
  const ratios = Object.fromEntries(
    [...found].map(([settings, figures]) => [settings, ratiosOf(figures)]),
  );
  say(
    JSON.stringify({
      ratios: ratios['recommended'] ?? ratios['default'],
      ratios_with_settings: ratios,
      figures: Object.fromEntries(found),
      entries: { small: SMALL_ENTRIES, large: options.entries },
      rounds: options.rounds,
      seconds: options.seconds,
      clients: { http: clients.http },
      settings: SETTINGS,
      machine,
      ledger_verified: true,
    }),
  );
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      settings: { type: 'string', default: 'both' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      entries: { type: 'string' },
      only: { type: 'string' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { settings, quick, only } = values;
  return {
    settings: settings === 'both' ? ['default', 'recommended'] : [settingsNameOf(settings)],
    rounds: Number(values.rounds ?? (quick ? 1 : 5)),
    seconds: Number(values.seconds ?? (quick ? 2 : 4)),
    entries: Number(values.entries ?? (quick ? 100_000 : 10_000_000)),
    only: only === undefined ? [...NAMES] : only.split(','),
    nodeOnly: values.clients === 'node',
  };
}

/** What is measured on one of the two databases. */
function subjectsOn(on: Serving, clients: Clients): Subject[] {
  const { connections, customers, postgres, server } = on;
  const bench = { postgres, server, clients, wallets: customers.length };
  const reads = READS.map((read) => ({
    name: read,
    client: 'node',
    debits_per_request: 1,
    load: (seconds: number) => measureRead(connections, read, customers, seconds),
  }));
  const debits = DEBIT_SCENARIOS.map((scenario) => ({
    ...overHttp(bench, scenario),
    name: DEBITS[scenario],
  }));
  return [...reads, ...debits];
}

/** Each subject on both databases in turn, round by round. */
async function compare(
  serving: readonly Serving[],
  clients: Clients,
  { rounds, seconds, only }: Options,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  if (Object.values(DEBITS).some((name) => only.includes(name))) {
    await Promise.all(serving.map((on) => warmUp(on, clients, seconds)));
  }
  for (const name of only) {
    const runs: Record<Sized['name'], Measured[]> = { small: [], large: [] };
    const measure = async (on: Serving, run_seconds: number): Promise<Measured> => {
      const subject = subjectsOn(on, clients).find((one) => one.name === name);
      if (subject === undefined) throw new Error(`nothing is called ${name}`);
      await restore(on);
      return observe(on, subject, run_seconds);
    };
    // Once for nothing: code is compiled, statements are planned, pages are read.
    for (const on of serving) await measure(on, Math.min(2, seconds));
    for (let round = 1; round <= rounds; round++) {
      for (const on of serving) {
        const run = await measure(on, seconds);
        runs[on.sized.name].push(run);
        say(`round ${round}: ${name} ${on.sized.name} ${rounded(run.per_second)}/s`);
      }
    }
    figures.push(figureOf(name, medianMeasured(runs.small), medianMeasured(runs.large)));
  }
  return figures;
}

/**
 * Debits until most pages that debits change have been written whole once since the checkpoint, as
 * they have for most of the time between two checkpoints.
 */
async function warmUp(on: Serving, clients: Clients, seconds: number): Promise<void> {
  const { customers, postgres, server } = on;
  const bench = { postgres, server, clients, wallets: customers.length };
  await overHttp(bench, 'hundred').load(Math.min(60, 15 * seconds));
}

function figureOf(what: string, small: Measured, large: Measured): Figure {
  return {
    what,
    small_ms: rounded(1000 / small.per_second),
    large_ms: rounded(1000 / large.per_second),
    ratio: rounded(small.per_second / large.per_second),
    small_postgres_us: rounded(small.postgres_us),
    large_postgres_us: rounded(large.postgres_us),
    small_wal_bytes: rounded(small.wal_bytes),
    large_wal_bytes: rounded(large.wal_bytes),
  };
}

async function prove(running: Running, sizes: readonly Sized[]) {
  let machine = {};
  for (const { folder } of sizes) {
    const postgres = await startPostgres(running, folder, { settings: SETTINGS.recommended });
    machine = machineOf(postgres);
    await proveLedger(postgres.url);
    await postgres.stop();
  }
  return machine;
}

function ratiosOf(figures: readonly Figure[]): Record<string, number> {
  return Object.fromEntries(figures.map(({ what, ratio }) => [what, ratio]));
}
