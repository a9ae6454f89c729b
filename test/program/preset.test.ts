import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyPreset } from '../../src/apply-preset.ts';
import { changePackage, packageVersions } from '../../src/billing/package-versions.ts';
import { catalogueReader } from '../../src/lib/catalogue-versions.ts';
import type { Preset } from '../../src/presets/preset.ts';
import { presets } from '../../src/presets/presets.ts';
import { listPrices } from '../../src/pricing/operations.ts';
import { programmeNow } from '../../src/workspaces/milestone-programme.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const apply = (preset: Preset) =>
  database.connections.app.transaction().execute((trx) => applyPreset(trx, preset));

test("a preset's next version changes what is still as a preset made it, and reports what is not", async () => {
  const { app, staff } = database.connections;
  const first = presets.default;
  await Promise.all([apply(first), apply(first)]);
  const [starter] = await packageVersions(staff, 'starter');
  if (starter === undefined) throw new Error('the package is missing');
  const by = { actor: { kind: 'system' }, made_by: 'person ada', reason: 'A better name' } as const;
  await app
    .transaction()
    .execute((trx) =>
      changePackage(trx, 'starter', { ...starter, name: 'Small' }, { after_version: 1, by }),
    );
  const next: Preset = {
    ...first,
    version: first.version + 1,
    packages: first.packages.map((one) => ({ ...one, name: `${one.name} 2` })),
    operations: first.operations.map((one) =>
      one.code === 'image.generate'
        ? { ...one, components: one.components.map((line) => ({ ...line, price: '4' })) }
        : one,
    ),
    achievements: [{ code: 'first-image', title: 'An image', when: { kind: 'told' } }],
  };
  await apply(next);
  await apply(next);
  // The one before is still run by a process that has not been replaced yet.
  await apply(first);
  const names = (await packageVersions(staff)).map((one) => `${one.version} ${one.name}`);
  expect(names).toEqual([
    ...['1 Business', '2 Business 2', '1 Professional', '2 Professional 2'],
    ...['1 Starter', '2 Small'],
  ]);
  const images = await listPrices(staff, 'image.generate');
  expect(images.map(({ version, made_by }) => `${version} ${made_by}`)).toEqual([
    `1 preset default ${first.version}`,
    `2 preset default ${next.version}`,
  ]);
  const { achievements } = await programmeNow(catalogueReader(staff));
  expect(achievements.map(({ title }) => title)).toEqual(['An image', 'A hundred messages']);
  expect(
    await database.query('select version, kept from preset_versions order by version'),
  ).toEqual([
    { version: first.version, kept: [] },
    { version: next.version, kept: ['package starter'] },
  ]);
});
