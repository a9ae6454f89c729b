import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { type HttpClient, chooseClients, loadByHttp } from './clients.ts';
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
import { DEBITS_PER_REQUEST } from './scenarios.ts';
import { medianOf, rounded } from './summary.ts';

interface Options {
  settings: SettingsName[];
  rounds: number;
  seconds: number;
  entries: number;
  only: string[];
  nodeOnly: boolean;
}

/** What is compared: how long one takes, in milliseconds, all processors together. */
interface Subject {
  name: string;
  measure: (on: Serving, seconds: number) => Promise<number>;
}

/** The median of each subject on the small and on the large database. */
type Figures = Record<string, { small_ms: number; large_ms: number; ratio: number }>;

const SMALL_ENTRIES = 10_000;

/** Debits and reads with few and with many entries, in turn. */
export async function benchGrowth(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const { http } = await chooseClients(options.nodeOnly);
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
  const subjects = subjectsOf(http).filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const found = new Map<SettingsName, Figures>();
  for (const settings of options.settings) {
    const figures = await compare(running, sizes, subjects, { ...options, settings });
    found.set(settings, figures);
    say(`\nPostgreSQL with ${settings} settings:\n${tableOf(rowsOf(figures))}\n`);
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
      clients: { http },
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
      only: { type: 'string', default: '' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { settings, quick } = values;
  return {
    settings: settings === 'both' ? ['default', 'recommended'] : [settingsNameOf(settings)],
    rounds: Number(values.rounds ?? (quick ? 1 : 5)),
    seconds: Number(values.seconds ?? (quick ? 2 : 4)),
    entries: Number(values.entries ?? (quick ? 100_000 : 10_000_000)),
    only: values.only.split(',').filter(Boolean),
    nodeOnly: values.clients === 'node',
  };
}

function subjectsOf(http: HttpClient): Subject[] {
  const reads = READS.map((read) => ({
    name: read,
    measure: async ({ connections, customers }: Serving, seconds: number) =>
      1000 / (await measureRead(connections, read, customers, seconds)).per_second,
  }));
  const debits = (['spread', 'hundred', 'hot'] as const).map((scenario) => ({
    name: { spread: 'debit', hundred: 'debit_in_hundreds', hot: 'debit_of_largest' }[scenario],
    measure: async (on: Serving, seconds: number) => {
      await restore(on);
      const { server, customers } = on;
      const load = { server, scenario, wallets: customers.length, seconds };
      const { per_second } = await loadByHttp(http, load);
      return 1000 / (per_second * DEBITS_PER_REQUEST[scenario]);
    },
  }));
  return [...reads, ...debits];
}

async function compare(
  running: Running,
  sizes: readonly Sized[],
  subjects: readonly Subject[],
  { settings, rounds, seconds }: Omit<Options, 'settings'> & { settings: SettingsName },
): Promise<Figures> {
  const serving = await Promise.all(sizes.map((size) => serve(running, size, SETTINGS[settings])));
  const found = new Map<string, number[]>();
  const measure = async (subject: Subject, on: Serving): Promise<void> => {
    const took_ms = await subject.measure(on, seconds);
    const key = `${subject.name} ${on.sized.name}`;
    found.set(key, [...(found.get(key) ?? []), took_ms]);
    say(`${key}: ${took_ms.toPrecision(3)} ms`);
  };
  for (const subject of subjects) {
    // Once for nothing: code is compiled, statements are planned, pages are read.
    for (const on of serving) await subject.measure(on, Math.min(2, seconds));
    for (let round = 0; round < rounds; round++) {
      for (const on of serving) await measure(subject, on);
    }
  }
  for (const on of serving) await on.stop();
  const medianFor = (name: string, size: string): number =>
    medianOf(found.get(`${name} ${size}`) ?? []);
  return Object.fromEntries(
    subjects.map(({ name }) => {
      const [small_ms, large_ms] = [medianFor(name, 'small'), medianFor(name, 'large')];
      const ratio = rounded(large_ms / small_ms);
      return [name, { small_ms: rounded(small_ms), large_ms: rounded(large_ms), ratio }];
    }),
  );
}

async function prove(running: Running, sizes: readonly Sized[]) {
  let machine = {};
  for (const { folder } of sizes) {
    const settings = { ...SETTINGS.recommended, work_mem: '256MB' };
    const postgres = await startPostgres(running, folder, { settings });
    machine = machineOf(postgres);
    await proveLedger(postgres.url);
    await postgres.stop();
  }
  return machine;
}

function ratiosOf(figures: Figures): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, { ratio }]) => [name, ratio]));
}

function rowsOf(figures: Figures) {
  return Object.entries(figures).map(([what, figure]) => ({ what, ...figure }));
}
