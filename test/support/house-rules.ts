import { builtinModules } from 'node:module';
import { type Source, codeOf, importsOf, testNamesOf } from './sources.ts';

/**
 * Which folders of src each one may import from. Files beside the folders (app, jobs, config and
 * the entry points) may import all of them, and are imported by none.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  lib: ['core'],
  ledger: ['core', 'lib'],
  pricing: ['core', 'lib'],
  people: ['core', 'lib'],
  workspaces: ['core', 'lib', 'ledger', 'people'],
  usage: ['core', 'lib', 'ledger', 'pricing', 'workspaces'],
  billing: ['core', 'lib', 'ledger', 'pricing', 'workspaces', 'people'],
  alerts: ['core', 'lib', 'ledger', 'workspaces', 'people'],
  webhooks: ['core', 'lib', 'ledger', 'workspaces'],
  outreach: ['core', 'lib', 'workspaces', 'usage'],
  studio: ['core', 'lib', 'workspaces', 'usage'],
  calls: ['core', 'lib', 'workspaces', 'usage'],
  presets: ['core'],
};
const EVERYTHING = [...Object.keys(MAY_IMPORT), 'api', 'admin'];
MAY_IMPORT['api'] = EVERYTHING;
MAY_IMPORT['admin'] = EVERYTHING;

/** The client is a package of its own, which imports nothing: `charge()` works inside of Scrip too. */
const MAY_IMPORT_CLIENT = ['api', 'outreach', 'studio', 'calls'];

/** The packages that a folder may not import, by a pattern; what is not listed may import any. */
const REFUSED_PACKAGES: Record<string, RegExp> = {
  core: /^(?!temporal-polyfill$)/,
  presets: /^/,
  ledger: /^(?:express|express-session|passport.*|helmet|eta|stripe|(?:node:)?https?)$/,
};

/** Who may enter a feature by these files; everybody else enters by its noun files. */
const INNER_DOORS = [
  { suffix: '-queries.ts', opensTo: /^src\/admin\// },
  { suffix: '-routes.ts', opensTo: /^src\/app\.ts$/ },
  { suffix: '-jobs.ts', opensTo: /^src\/jobs\.ts$/ },
];

/** Imports that the table does not allow, as "src/core/leak.ts -> src/lib/database.ts". */
export function importFaults(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => !mayImport(source.name, target))
      .map((target) => `${source.name} -> ${target}`),
  );
}

function mayImport(name: string, target: string): boolean {
  const from = folderOf(name);
  if (isPackage(target)) return !REFUSED_PACKAGES[from]?.test(target);
  if (target.startsWith('client/')) return from === '' || MAY_IMPORT_CLIENT.includes(from);
  if (!target.startsWith('src/')) return from === '';
  const to = folderOf(target);
  if (from === to) return true;
  if (from === '') return maySeeFile(name, target, to);
  return (MAY_IMPORT[from] ?? []).includes(to) && maySeeFile(name, target, to);
}

/** Our own files are named with their ending, packages without. */
function isPackage(target: string): boolean {
  return builtinModules.includes(target) || !/\.(?:ts|js|mjs|json)$/.test(target);
}

/** From outside, a feature is its noun files: not its inner doors, nor what lies in its folders. */
function maySeeFile(name: string, target: string, to: string): boolean {
  if (to === 'core' || to === 'lib') return true;
  const door = INNER_DOORS.find(({ suffix }) => target.endsWith(suffix));
  if (door !== undefined) return door.opensTo.test(name);
  return target.split('/').length === 3;
}

/** The folder of src that a file stands in; '' for a file beside them. */
function folderOf(name: string): string {
  return /^src\/([^/]+)\//.exec(name)?.[1] ?? '';
}

/** Folders of src that the table does not know. */
export function unknownFolders(sources: readonly Source[]): string[] {
  const folders = new Set(sources.map(({ name }) => folderOf(name)));
  return [...folders].filter((folder) => folder !== '' && !(folder in MAY_IMPORT));
}

/** Files of these that import from src: a migration must not change because the program does. */
export function importsOfProgram(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => target.startsWith('src/'))
      .map((target) => `${source.name} -> ${target}`),
  );
}

/** Packages that are imported and that an installation for production would not have. */
export function missingPackages(
  sources: readonly Source[],
  dependencies: readonly string[],
): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => isPackage(target) && !builtinModules.includes(target))
      .map((target) => target.split('/', target.startsWith('@') ? 2 : 1).join('/'))
      .filter((name) => !name.startsWith('node:') && !dependencies.includes(name))
      .map((name) => `${source.name} -> ${name}`),
  );
}

/** Who may read the environment: one for the settings, one to hand the machine's PATH to a program. */
const READERS_OF_ENVIRONMENT = ['src/config.ts', 'src/lib/embedded-postgres/process.ts'];

/** Reads of the environment by anyone else. */
export function environmentFaults(sources: readonly Source[]): string[] {
  const reads = /\bprocess\s*\??\.\s*(?:env|loadEnvFile)\b|\bprocess\s*[[;,)}]|\bimport\.meta\.env/;
  return sources
    .filter(({ name }) => !READERS_OF_ENVIRONMENT.includes(name))
    .filter(
      (source) => reads.test(codeOf(source)) || /from '(?:node:)?process'/.test(codeOf(source)),
    )
    .map(({ name }) => name);
}

/** Clock, chance and waiting in pure code, as "file: what it says". */
export function impurities(sources: readonly Source[]): string[] {
  return matches(
    sources,
    /\bDate\.now\b|\bnew Date\b(?!\([^)])|\bMath\.random\b|\basync\b|\bawait\b|\bPromise\b|\bTemporal\.Now\b|\b(?:process|performance|crypto|globalThis|console|fetch|setTimeout|setInterval)\b/g,
  );
}

const LEDGER_TABLES =
  '(?:entries|wallets|lots|holds|hold_lots|counters|refund_totals|entry_rollups|customer_rollups|rollup_progress|ledger_outbox|bookkeeping|booked_wallets|booked_lots|booked_credits|booked_money|booked_activity|ledger_proofs|ledger_drifts)';
const LEDGER_WRITES = new RegExp(
  [
    `\\b(?:insertInto|updateTable|deleteFrom|mergeInto|replaceInto)\\(\\s*['"\`]${LEDGER_TABLES}\\b`,
    `\\b(?:insert\\s+into|update|delete\\s+from|merge\\s+into|truncate|truncate\\s+table|copy)\\s+` +
      `(?:only\\s+)?(?:public\\.)?"?${LEDGER_TABLES}\\b`,
  ].join('|'),
  'gi',
);

/** Writes of the ledger's tables by anyone else. */
export function ledgerWrites(sources: readonly Source[]): string[] {
  return matches(
    sources.filter(({ name }) => !name.startsWith('src/ledger/')),
    LEDGER_WRITES,
  );
}

/** Writes of any table, for the folders that write only through the features. */
export function tableWrites(sources: readonly Source[]): string[] {
  return matches(
    sources,
    /\b(?:insertInto|updateTable|deleteFrom|mergeInto)\(|\b(?:insert\s+into|delete\s+from|merge\s+into|update\s+\w+\s+set)\b/gi,
  );
}

export function longFiles(sources: readonly Source[], most: number): string[] {
  return sources
    .map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > most)
    .map(({ name, lines }) => `${name}: ${lines} lines`);
}

/** Files and folders whose name says nothing of what is in them. */
export function emptyNames(sources: readonly Source[]): string[] {
  const empty =
    /(?:^|[/._-])(?:utils?|utilities|helpers?|managers?|misc)(?=[/._-])|(?:^|\/)common(?=[/.])/i;
  return sources.map(({ name }) => name).filter((name) => empty.test(name));
}

/** Tests of one full name, which could not be told apart in a report. */
export function repeatedTestNames(sources: readonly Source[]): string[] {
  const seen = new Set<string>();
  return sources.flatMap((source) =>
    testNamesOf(source).filter((name) => {
      if (seen.has(name)) return true;
      seen.add(name);
      return false;
    }),
  );
}

/** Tests that do not run, or that keep others from running. */
export function testsLeftOut(sources: readonly Source[]): string[] {
  return matches(
    sources,
    /\b(?:test|it|describe|suite|bench|context|ctx)(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf|fails)\b|\b(?:only|skip|todo)\s*:\s*true\b/g,
  );
}

/** Every match of a pattern in the code of some files, as "file: what matched". */
function matches(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap((source) =>
    [...codeOf(source).matchAll(pattern)].map(([match]) => `${source.name}: ${match}`),
  );
}

/** What a file says, comments too, that matches: for words that stand nowhere in the project. */
export function mentions(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map(([match]) => `${name}: ${match}`),
  );
}
