import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

/**
 * A project of its own with two packages that need no network: a tarball, and a folder that is
 * called "node" and brings a program by its installation script, like the real one.
 */
let project: string;

beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'scrip-setup-'));
  await mkdir(path.join(project, 'scripts'));
  for (const file of ['scripts/setup.mjs', 'scripts/setup-lock.mjs']) {
    await copyFile(file, path.join(project, file));
  }
  await writePackage('1.0.0');
});

afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

async function writePackage(version: string): Promise<void> {
  await mkdir(path.join(project, 'package'), { recursive: true });
  await writeJson('package/package.json', { name: 'tool', version });
  const tarball = `tool-${version}.tgz`;
  await run('tar', ['czf', tarball, 'package']);
  const bytes = await readFile(path.join(project, tarball));
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  await writeLock(
    { devDependencies: { tool: `file:${tarball}` } },
    { 'node_modules/tool': { version, resolved: `file:${tarball}`, integrity, dev: true } },
  );
}

async function writeLock(
  manifest: Record<string, unknown>,
  packages: Record<string, unknown>,
): Promise<void> {
  const about = { name: 'project', version: '1.0.0' };
  await writeJson('package.json', { ...about, private: true, ...manifest });
  await writeJson('package-lock.json', {
    ...about,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { ...about, ...manifest }, ...packages },
  });
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(path.join(project, file), JSON.stringify(value));
}

/** Ends with the exit code and all that was said. */
async function run(
  command: string,
  parameters: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  const child = spawn(command, parameters, {
    cwd: project,
    env: { ...process.env, DATABASE_URL: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}

const setup = (environment?: Record<string, string>) =>
  run(process.execPath, ['scripts/setup.mjs'], environment);

/** For tests of when to install: does in 50 ms what npm does in a second, to the one package. */
const quickNpm = `
import fs from 'node:fs';
if (process.argv[2] !== 'ci') process.exit(1);
fs.rmSync('node_modules', { recursive: true, force: true });
fs.cpSync('package', 'node_modules/tool', { recursive: true });
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

async function quickSetup(environment: Record<string, string> = {}) {
  const script = path.join(project, 'quick-npm/npm-cli.js');
  await mkdir(path.dirname(script), { recursive: true });
  await writeFile(script, quickNpm);
  await writeJson('quick-npm/package.json', { type: 'module' });
  return await setup({ ...environment, npm_execpath: script });
}

async function installedVersion(): Promise<string> {
  const text = await readFile(path.join(project, 'node_modules/tool/package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

describe('the step before npm start', () => {
  test('installs all when node_modules is missing, whatever npm was told, and is silent then', async () => {
    const misleading = {
      NODE_ENV: 'production',
      npm_config_omit: 'dev',
      npm_config_production: 'true',
      npm_config_dry_run: 'true',
      npm_config_global: 'true',
      npm_config_local_prefix: tmpdir(),
    };
    expect(await setup(misleading)).toEqual({
      code: 0,
      said: 'Installing dependencies: node_modules is missing.\n',
    });
    expect(await installedVersion()).toBe('1.0.0');
    expect(await setup()).toEqual({ code: 0, said: '' });
  });

  test('leaves alone what a link leads to: another checkout may run from it', async () => {
    await quickSetup();
    const elsewhere = path.join(project, 'elsewhere');
    await rename(path.join(project, 'node_modules'), elsewhere);
    await symlink(elsewhere, path.join(project, 'node_modules'));
    expect(await quickSetup()).toEqual({ code: 0, said: '' });
    await writePackage('2.0.0');
    const { code, said } = await quickSetup();
    expect(code).toBe(1);
    expect(said).toContain('node_modules is a link. Install where it leads to');
    expect(await installedVersion()).toBe('1.0.0');
  });

  test('accepts what npm installed without its help', async () => {
    await run('npm', ['install', '--no-audit']);
    expect(await setup()).toEqual({ code: 0, said: '' });
  });

  test('leaves a deployed program without development dependencies as it is', async () => {
    await mkdir(path.join(project, 'node_modules'));
    await writeJson('node_modules/.package-lock.json', { packages: {} });
    const deployed = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://elsewhere/scrip' };
    const start = { ...deployed, npm_lifecycle_event: 'prestart' };
    expect(await quickSetup(start)).toEqual({ code: 0, said: '' });
    const tests = await quickSetup({ ...deployed, npm_lifecycle_event: 'pretest' });
    expect(tests.said).toBe('Installing dependencies: tool is missing from node_modules.\n');
  });

  test('installs again when package-lock.json asks for another version', async () => {
    await quickSetup();
    await writePackage('1.1.0');
    expect((await quickSetup()).said).toBe(
      'Installing dependencies: tool is 1.0.0, package-lock.json says 1.1.0.\n',
    );
    expect(await installedVersion()).toBe('1.1.0');
  });

  test('does not install for ever when npm itself finds package-lock.json inexact', async () => {
    const file = path.join(project, 'package-lock.json');
    const lock = z
      .looseObject({ packages: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(file, 'utf8')));
    lock.packages['node_modules/nobody-needs-it'] = { version: '1.0.0', dev: true };
    await writeFile(file, JSON.stringify(lock));
    expect((await setup()).said).toContain('node_modules is missing');
    expect(await setup()).toEqual({ code: 0, said: '' });
  });

  test('installs again when a package is gone', async () => {
    await quickSetup();
    await rm(path.join(project, 'node_modules/tool'), { recursive: true });
    expect((await quickSetup()).said).toContain('tool is missing from node_modules');
    expect(await installedVersion()).toBe('1.0.0');
  });

  test('installs again when an earlier installation was killed half way', async () => {
    await mkdir(path.join(project, 'node_modules/tool'), { recursive: true });
    expect((await quickSetup()).said).toContain('an earlier installation was not finished');
    expect(await installedVersion()).toBe('1.0.0');
  });

  test('installs again when node_modules came from another system', async () => {
    await quickSetup();
    const other = { 'node_modules/native': { version: '1.0.0', optional: true, os: ['plan9'] } };
    await writeJson('node_modules/.package-lock.json', { packages: other });
    expect((await quickSetup()).said).toContain('native was installed for another system');
  });

  test('installs once when two terminals start at the same time', async () => {
    const both = await Promise.all([quickSetup(), quickSetup()]);
    expect(both.map((one) => one.code)).toEqual([0, 0]);
    const said = both.map((one) => one.said).join('');
    expect(said.match(/Installing dependencies/g)).toHaveLength(1);
    expect(await readdir(path.join(project, 'data'))).toEqual([]);
  });

  test('takes over the lock of a process that is gone', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await new Promise((resolve) => gone.once('close', resolve));
    const lock = path.join(project, 'data/setup.lock');
    await mkdir(lock, { recursive: true });
    await writeFile(path.join(lock, `${hostname()}~${String(gone.pid)}~0`), '');
    await utimes(lock, new Date(0), new Date(0));
    expect((await quickSetup()).code).toBe(0);
    expect(await installedVersion()).toBe('1.0.0');
  });

  test('shows what npm said and one sentence when the installation fails', async () => {
    await rm(path.join(project, 'tool-1.0.0.tgz'));
    const { code, said } = await setup();
    expect(code).toBe(1);
    expect(said).toContain('ENOENT');
    expect(said.trimEnd()).toMatch(/The dependencies could not be installed: npm ci ended .*$/);
  });

  test('says how to mend a missing package-lock.json', async () => {
    await rm(path.join(project, 'package-lock.json'));
    const { code, said } = await setup();
    expect(code).toBe(1);
    expect(said).toContain('git checkout package-lock.json');
  });
});

describe("the project's own Node", () => {
  beforeEach(async () => {
    await mkdir(path.join(project, 'own-node'));
    const make = 'mkdir -p bin && cp program bin/node';
    await writeJson('own-node/package.json', {
      name: 'node',
      version: '24.1.0',
      bin: { node: 'bin/node' },
      scripts: { preinstall: make },
    });
    await program('echo v24.1.0');
    await writeLock(
      { dependencies: { node: 'file:own-node' }, allowScripts: { node: true } },
      {
        'node_modules/node': { resolved: 'own-node', link: true },
        'own-node': { name: 'node', version: '24.1.0', hasInstallScript: true },
      },
    );
  });

  async function program(text: string): Promise<void> {
    const file = path.join(project, 'own-node/program');
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
  }

  test('is fetched when npm was told to run no installation scripts', async () => {
    expect((await setup({ npm_config_ignore_scripts: 'true' })).said).toContain(
      "Fetching the project's own Node",
    );
    expect(await setup()).toEqual({ code: 0, said: '' });
  });

  test('is fetched when it does not run, and a sentence says what to do if that fails', async () => {
    await program('exit 1');
    const { code, said } = await setup();
    expect(code).toBe(1);
    expect(said).toContain('node_modules/.bin/node does not run');
    expect(said).toContain('npm rebuild node');
  });
});
