import { describe, expect, test } from 'vitest';
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
import type { Source } from './support/sources.ts';

/** A rule that no longer catches anything looks like a rule that is kept: so each has a fault here. */
function file(name: string, text: string): Source[] {
  return [{ name, text }];
}

function importing(name: string, target: string): string[] {
  return importFaults(file(name, `import { thing } from '${target}';\n`));
}

describe('the import table refuses', () => {
  test.each([
    ['src/core/leak.ts', '../lib/database.ts'],
    ['src/core/leak.ts', 'node:fs'],
    ['src/core/leak.ts', 'zod'],
    ['src/presets/leak.ts', 'zod'],
    ['src/lib/leak.ts', '../people/people.ts'],
    ['src/lib/leak.ts', '../config.ts'],
    ['src/ledger/leak.ts', '../usage/spend.ts'],
    ['src/ledger/leak.ts', 'express'],
    ['src/ledger/leak.ts', 'stripe'],
    ['src/pricing/leak.ts', '../ledger/ledger.ts'],
    ['src/people/leak.ts', '../workspaces/workspaces.ts'],
    ['src/workspaces/leak.ts', '../billing/packages.ts'],
    ['src/usage/leak.ts', '../billing/packages.ts'],
    ['src/usage/leak.ts', '../alerts/levels.ts'],
    ['src/billing/leak.ts', '../usage/spend.ts'],
    ['src/studio/leak.ts', '../calls/calls.ts'],
    ['src/studio/leak.ts', '../ledger/ledger.ts'],
    ['src/studio/leak.ts', '../../migrations/all.ts'],
    ['src/lib/leak.ts', '../../stand-ins/stripe/stand-in.ts'],
    ['src/core/leak.ts', '../../client/quantity.ts'],
    ['src/usage/leak.ts', '../../client/charging.ts'],
    ['src/usage/leak.ts', '../pricing/price-queries.ts'],
    ['src/api/leak.ts', '../usage/usage-routes.ts'],
    ['src/jobs.ts', './usage/usage-routes.ts'],
    ['src/app.ts', './billing/billing-jobs.ts'],
    ['src/app.ts', './billing/events/event.ts'],
  ])('%s importing %s', (name, target) => {
    expect(importing(name, target)).toHaveLength(1);
  });

  test('types, exports and dynamic imports like all others', () => {
    const texts = [
      "import type { Db } from '../lib/database.ts';",
      "export * from '../lib/database.ts';",
      "const { connect } = await import('../lib/database.ts');",
      "import '../lib/database.ts';",
    ];
    for (const text of texts) expect(importFaults(file('src/core/leak.ts', text))).toHaveLength(1);
  });

  test('a folder that it does not know', () => {
    expect(unknownFolders(file('src/services/mail.ts', ''))).toEqual(['services']);
  });

  test('a migration that would change with the program', () => {
    const text = "import { KINDS } from '../src/core/wallet.ts';";
    expect(importsOfProgram(file('migrations/900-leak.ts', text))).toHaveLength(1);
  });
});

describe('the import table allows', () => {
  test.each([
    ['src/core/lots.ts', './instant.ts'],
    ['src/core/periods.ts', 'temporal-polyfill'],
    ['src/ledger/write.ts', '../core/wallet.ts'],
    ['src/ledger/write.ts', 'pg'],
    ['src/billing/webhook.ts', './events/event.ts'],
    ['src/billing/orders.ts', 'stripe'],
    ['src/app.ts', './billing/billing-routes.ts'],
    ['src/jobs.ts', './billing/billing-jobs.ts'],
    ['src/admin/customers.ts', '../billing/payment-queries.ts'],
    ['src/prepare.ts', '../migrations/all.ts'],
    ['src/server.ts', './config.ts'],
  ])('%s importing %s', (name, target) => {
    expect(importing(name, target)).toEqual([]);
  });
});

describe('the other rules of the house refuse', () => {
  test.each([
    'const port = process.env.PORT;',
    "const port = process['env'].PORT;",
    'const { env } = process;',
    'process.loadEnvFile();',
    "import { env } from 'node:process';",
  ])('the environment outside config.ts: %s', (text) => {
    expect(environmentFaults(file('src/lib/leak.ts', text))).toHaveLength(1);
    expect(environmentFaults(file('src/config.ts', text))).toEqual([]);
  });

  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const chance = Math.random();',
    'export async function decide(): Promise<void> {}',
  ])('what is not pure in the core: %s', (text) => {
    expect(impurities(file('src/core/leak.ts', text))).not.toEqual([]);
  });

  test.each([
    "trx.insertInto('entries').values(row)",
    "trx.updateTable('wallets as w').set({ held: 0n })",
    "trx.deleteFrom('holds')",
    'sql`insert into lots (wallet_id) values (1)`',
    'sql`UPDATE counters SET quantity = 0`',
    'sql`delete\n  from wallets`',
  ])("a write of the ledger's tables elsewhere: %s", (text) => {
    expect(ledgerWrites(file('src/billing/leak.ts', text))).toHaveLength(1);
    expect(ledgerWrites(file('src/ledger/write.ts', text))).toEqual([]);
  });

  test('a write of any table in a folder that goes through the features', () => {
    const text = "trx.insertInto('packages'); sql`update people set name = 'x'`";
    expect(tableWrites(file('src/admin/leak.ts', text))).toHaveLength(2);
  });

  test('a package that only development has', () => {
    const text =
      "import 'vitest'; import 'kysely/migration'; import '@node-rs/argon2'; import 'node:fs';";
    const dependencies = ['kysely', '@node-rs/argon2'];
    expect(missingPackages(file('src/leak.ts', text), dependencies)).toEqual([
      'src/leak.ts -> vitest',
    ]);
  });

  test('a file that is too long', () => {
    expect(longFiles(file('src/lib/leak.ts', 'x\n'.repeat(301)), 300)).toHaveLength(1);
    expect(longFiles(file('src/lib/leak.ts', 'x\n'.repeat(300)), 300)).toEqual([]);
  });

  test('a name that says nothing', () => {
    const names = ['src/lib/utils.ts', 'src/lib/date-helpers.ts', 'src/common.ts', 'src/misc/a.ts'];
    for (const name of names) expect(emptyNames(file(name, ''))).toEqual([name]);
    expect(emptyNames(file('src/people/common-passwords.ts', ''))).toEqual([]);
  });

  test('two tests of one name, and not the same words under another heading', () => {
    const one = "describe('a', () => { test('works', () => {}); });\n";
    const other = "describe('b', () => { test.each([1])('works', () => {}); });\n";
    expect(repeatedTestNames(file('test/leak.test.ts', one + other))).toEqual([]);
    expect(repeatedTestNames(file('test/leak.test.ts', one + one))).toEqual(["'a' > 'works'"]);
  });

  test.each(['only', 'skip', 'todo'])('a test that is left out by %s', (how) => {
    expect(testsLeftOut(file('test/leak.test.ts', `test.${how}('x');`))).toHaveLength(1);
    expect(testsLeftOut(file('test/leak.test.ts', `it.concurrent.${how}('x');`))).toHaveLength(1);
  });

  test('words that stand nowhere in the project, in comments too', () => {
    expect(mentions(file('src/lib/leak.ts', '// see elsewhere'), /elsewhere/g)).toHaveLength(1);
  });

  test('nothing because of a comment that only speaks of it', () => {
    const text = '/** Unlike Date.now(). */\n// process.env is read elsewhere\n';
    expect(impurities(file('src/core/fine.ts', text))).toEqual([]);
    expect(environmentFaults(file('src/lib/fine.ts', text))).toEqual([]);
  });
});
