import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import { importsOf, sourcesIn } from '../support/sources.ts';

// A compiler starts here, on whatever the machine has left.
vi.setConfig({ testTimeout: 120_000 });

const folder = await mkdtemp(path.join(tmpdir(), 'scrip-client-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the client imports nothing but itself', () => {
  const imports = sourcesIn('client').flatMap(importsOf);
  expect(imports.filter((target) => !target.startsWith('client/'))).toEqual([]);
});

test('the client has a call for each endpoint, as its schemas say', async () => {
  const checked = promisify(execFile)(process.execPath, ['scripts/client.ts', '--check']);
  await expect(checked).resolves.toMatchObject({ stderr: '' });
});

test('the package is JavaScript and types that need no types of Node', async () => {
  const dist = path.join(folder, 'dist');
  await promisify(execFile)(process.execPath, [
    'node_modules/typescript/bin/tsc',
    ...['-p', 'client', '--outDir', dist],
  ]);
  expect(await readFile(path.join(dist, 'index.d.ts'), 'utf8')).toContain('Scrip');
  await writeFile(path.join(folder, 'package.json'), await readFile('client/package.json'));
  const script = `
    import { Scrip, charges, chargeOf } from 'scrip-client';
    console.log(typeof Scrip, typeof charges, typeof chargeOf);
  `;
  await writeFile(path.join(folder, 'program.mjs'), script);
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder });
  expect(stdout).toBe('function function function\n');
});
