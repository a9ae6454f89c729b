import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { markOf } from '../../src/lib/embedded-postgres/process.ts';

/** A program that starts the database and tells of it, and stops it when its input ends. */
const program = `
import { startEmbeddedPostgres } from '${new URL('../../src/lib/embedded-postgres.ts', import.meta.url).href}';
const said = [];
const { url, adopted, stop } = await startEmbeddedPostgres({
  folder: process.argv[2], durable: false, say: (sentence) => said.push(sentence),
});
console.log(JSON.stringify({ url, adopted, said }));
process.stdin.resume();
process.stdin.once('data', () => process.exit(3));
process.stdin.once('end', () => void stop());
`;
const report = z.object({ url: z.string(), adopted: z.boolean(), said: z.array(z.string()) });

let parent: string;
let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'scrip-processes-'));
  await chmod(parent, 0o711);
  folder = path.join(parent, 'pg');
  await writeFile(path.join(parent, 'program.mjs'), program);
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

/** Another process that uses the folder: its own report, and ways to end it. */
async function another() {
  const child = spawn(process.execPath, [path.join(parent, 'program.mjs'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(child);
  const ended = once(child, 'close');
  let line = '';
  for await (const first of createInterface({ input: child.stdout })) {
    line = first;
    break;
  }
  return {
    ...report.parse(JSON.parse(line)),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
    exit: async () => {
      child.stdin.write('now');
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const startHere = (say?: (sentence: string) => void) =>
  startEmbeddedPostgres({ folder, durable: false, ...(say ? { say } : {}) });

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<pg.QueryResultRow>(text)).rows;
  } finally {
    await client.end();
  }
}

async function serverProcess(): Promise<number> {
  const text = await readFile(path.join(folder, 'cluster/postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

/** Ends when the process has; the test's own time limit says when that is too long. */
async function hasEnded(pid: number): Promise<void> {
  await expect.poll(() => markOf(pid), { timeout: 10_000, interval: 10 }).toBeUndefined();
}

describe('an embedded PostgreSQL and several processes', () => {
  test('is made once and shared by two that start at once, and stopped by the last that leaves', async () => {
    const [first, second] = await Promise.all([another(), another()]);
    expect(first.url).toBe(second.url);
    expect([first.adopted, second.adopted].sort()).toEqual([false, true]);
    expect([...first.said, ...second.said]).toEqual([]);
    const pid = await serverProcess();
    const [owner, guest] = first.adopted ? [second, first] : [first, second];
    await owner.stop();
    expect(await query(guest.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await guest.stop();
    expect(markOf(pid)).toBeUndefined();
  });

  test('is used again, and stopped at the end, when its first process was killed', async () => {
    const first = await another();
    await query(first.url, 'create table kept_by_server as select 7 as seven');
    const pid = await serverProcess();
    await first.kill();
    expect(markOf(pid)).toBeDefined();
    const said: string[] = [];
    const second = await startHere((sentence) => said.push(sentence));
    expect(second).toMatchObject({ url: first.url, adopted: true });
    expect(said).toEqual([
      `An earlier run left its database running (process ${String(pid)}); it is used again.`,
    ]);
    expect(await query(second.url, 'select seven from kept_by_server')).toEqual([{ seven: 7 }]);
    await second.stop();
    expect(markOf(pid)).toBeUndefined();
  });

  test('starts anew, with what was committed, when it was killed itself', async () => {
    const first = await another();
    await query(first.url, 'create table kept as select 7 as seven');
    const pid = await serverProcess();
    await first.kill();
    process.kill(pid, 'SIGKILL');
    await hasEnded(pid);
    const second = await startHere();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select seven from kept')).toEqual([{ seven: 7 }]);
    await second.stop();
  });

  test('outlives a command line that came and went', async () => {
    const server = await startHere();
    const command = await another();
    expect(command).toMatchObject({ url: server.url, adopted: true, said: [] });
    await command.stop();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  test('ends with a process that exits without stopping it', async () => {
    const first = await another();
    const pid = await serverProcess();
    await first.exit();
    await hasEnded(pid);
    const second = await startHere();
    expect(second.adopted).toBe(false);
    await second.stop();
  });
});
