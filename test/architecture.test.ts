import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  emptyNames,
  environmentFaults,
  importFaults,
  importsOfProgram,
  impurities,
  ledgerWrites,
  longFiles,
  mentions,
  missingPackages,
  repeatedTestNames,
  tableWrites,
  testsLeftOut,
  unknownFolders,
} from './support/house-rules.ts';
import { foldersIn, sourcesIn } from './support/sources.ts';

const LINES_AT_MOST = 300;
/** Tests of what is not a feature: what they stand on, the scripts, the stand-ins, the client. */
const TESTS_BESIDE_FEATURES = [
  'support',
  'setup',
  'stand-ins',
  'program',
  'browser',
  'client',
  'examples',
];

const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

const src = sourcesIn('src');
const tests = sourcesIn('test').filter(({ name }) => name.endsWith('.test.ts'));
const written = sourcesIn(
  ...[
    'src',
    'test',
    'scripts',
    'views',
    'public',
    'stand-ins',
    'migrations',
    'bench',
    'torture',
    'client',
    'examples',
  ],
);

describe('the house', () => {
  test('is read at all', () => {
    expect(src.length).toBeGreaterThan(50);
    expect(tests.length).toBeGreaterThan(5);
    expect(sourcesIn().map(({ name }) => name)).toContain('.gitignore');
  });

  test('has only the folders of its table', () => {
    expect(unknownFolders(src)).toEqual([]);
  });

  test('imports only what its table allows', () => {
    expect(importFaults(src)).toEqual([]);
  });

  test('imports only packages that an installation for production has', () => {
    const manifest = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const served = [...src, ...sourcesIn('migrations')];
    expect(missingPackages(served, Object.keys(manifest.dependencies))).toEqual([]);
  });

  test('is imported by no migration and no stand-in', () => {
    expect(importsOfProgram(sourcesIn('migrations', 'stand-ins'))).toEqual([]);
  });

  test('reads the environment in config.ts only', () => {
    expect(environmentFaults(src)).toEqual([]);
  });

  test('keeps clock, chance and waiting out of the core', () => {
    expect(impurities(sourcesIn('src/core'))).toEqual([]);
  });

  test('writes the tables of the ledger in the ledger only', () => {
    expect(ledgerWrites(sourcesIn('src', 'scripts', 'stand-ins', 'examples'))).toEqual([]);
  });

  test('writes nothing by itself in api and admin', () => {
    expect(tableWrites(sourcesIn('src/api', 'src/admin'))).toEqual([]);
  });

  test(`has no file of more than ${LINES_AT_MOST} lines`, () => {
    expect(longFiles(written, LINES_AT_MOST)).toEqual([]);
  });

  test('has no file named for nothing', () => {
    expect(emptyNames(written)).toEqual([]);
  });

  test('says nothing of where and by which orders it was made', () => {
    expect(mentions(sourcesIn(), /\.\.\/shared|\/work\/|\bissues? +#?\d+/gi)).toEqual([]);
  });
});

describe('views and tests', () => {
  test('are in folders named after features', () => {
    const features = foldersIn('src');
    const elsewhere = (folders: string[]): string[] =>
      folders.filter((folder) => !features.includes(folder));
    // What all of them say in mails is found in one place, by its kind; so is how all of them look.
    expect(elsewhere(foldersIn('views'))).toEqual(['mail', 'style']);
    expect(
      elsewhere(foldersIn('test')).filter((folder) => !TESTS_BESIDE_FEATURES.includes(folder)),
    ).toEqual([]);
  });

  test('have names that tell one test from another', () => {
    expect(repeatedTestNames(tests)).toEqual([]);
  });

  test('all run', () => {
    expect(testsLeftOut(tests)).toEqual([]);
  });
});
