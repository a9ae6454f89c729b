import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import request from 'supertest';
import { afterAll, vi } from 'vitest';
import { markOf } from '../../src/lib/embedded-postgres/process.ts';

// Whole programs start and stop here, on whatever the machine has left.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What programs are compiled to is kept, as `npm start` keeps it: each starts in half the time. */
const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/node');

/** Settings of one process; nothing else comes from the environment of the tests. */
export type Settings = Readonly<Record<string, string>>;

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** One of our programs as a process of its own. */
export interface Program {
  child: ChildProcess;
  /** What it has written so far. */
  said(): Pick<Ended, 'out' | 'err'>;
  /** Resolves when it writes the text; rejects when it ends before. */
  says(text: string): Promise<void>;
  ended: Promise<Ended>;
}

/** What tests have started and not stopped, as after one that failed. */
const running = new Map<ChildProcess, Promise<Ended>>();
const folders: string[] = [];
afterAll(async () => {
  for (const child of running.keys()) child.kill('SIGTERM');
  await Promise.all(running.values());
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Starts a program of ours, such as `src/server.ts`, as somebody does at the command line. */
export function run(script: string[], settings: Settings = {}, input?: string): Program {
  return follow(
    spawn(process.execPath, script, {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_COMPILE_CACHE: CACHE,
        ...settings,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
    input,
  );
}

/** Follows what a process says, and how it ends. */
export function follow(child: ChildProcess, input = ''): Program {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (part: Buffer) => (said.out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (said.err += part.toString()));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ...said });
    });
  });
  running.set(child, ended);
  return {
    child,
    ended,
    said: () => said,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (`${said.out}${said.err}`.includes(text)) resolve();
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        look();
        void ended.then((how) => {
          reject(new Error(`it ended before it said "${text}": ${JSON.stringify(how)}`));
        });
      }),
  };
}

/** A server that is ready. */
export interface Server extends Program {
  /** As it says itself: `http://localhost:PORT`. */
  url: string;
  port: string;
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** A browser of its own: cookies are kept, and requests come from the program's own pages. */
  browser(): Browser;
}

export type Browser = ReturnType<typeof request.agent>;

/** Starts the web program and waits until it is ready; on any free port when none is named. */
export async function startServer(settings: Settings): Promise<Server> {
  const program = run(['src/server.ts'], { PORT: '0', ...settings });
  await program.says('Scrip is ready: ');
  return serverOf(program);
}

/** A program that has said where it serves. */
export function serverOf(program: Program): Server {
  const url = /Scrip is ready: (\S+)/.exec(program.said().out)?.[1];
  if (url === undefined) throw new Error('the program does not say where it is');
  return {
    ...program,
    url,
    port: new URL(url).port,
    stop: (signal = 'SIGTERM') => {
      program.child.kill(signal);
      return program.ended;
    },
    browser: () => request.agent(url).set('Origin', url),
  };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<string> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const free = String((holder.address() as AddressInfo).port);
  await new Promise((resolve) => holder.close(resolve));
  return free;
}

/** A folder for DATA_DIR that the user who runs PostgreSQL can reach; removed when the file is done. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scrip-program-'));
  folders.push(folder);
  await chmod(folder, 0o711);
  return folder;
}

/** Asks the embedded database of a DATA_DIR behind the program's back. */
export async function query<Row extends pg.QueryResultRow>(
  folder: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const kept = (name: string) => readFile(path.join(folder, 'default/postgres', name), 'utf8');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(await kept('port')),
    user: 'scrip',
    password: await kept('password'),
    database: 'scrip',
  });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Somebody who has just signed up. */
export interface Customer {
  browser: Browser;
  /** The workspace's part of the URL. */
  slug: string;
  /** The session's cookie, for requests that are made by hand. */
  cookie: string;
}

export async function signUp(browser: Browser): Promise<Customer> {
  const answer = await browser
    .post('/sign-up')
    .type('form')
    .send({
      name: 'Ada Byron',
      email: `${randomBytes(6).toString('hex')}@example.com`,
      password: randomBytes(12).toString('hex'),
    });
  const slug = /^\/w\/([^/]+)$/.exec(String(answer.headers['location']))?.[1];
  const cookie = /sid=[^;]+/.exec(String(answer.headers['set-cookie']))?.[0];
  if (slug === undefined || cookie === undefined)
    throw new Error(`signing up answered ${answer.status}: ${answer.text}`);
  return { browser, slug, cookie };
}

/** A process and all that it has started, as marks that tell a process from its successor. */
export function familyOf(pid: number | undefined): string[] {
  const table = processes();
  const family = table.filter((one) => one.pid === pid);
  for (const member of family) family.push(...table.filter((one) => one.parent === member.pid));
  return family.flatMap((member) => markOf(member.pid) ?? []);
}

/** The members of a family that still run. */
export function survivorsOf(family: readonly string[]): string[] {
  return family.filter((mark) => markOf(Number.parseInt(mark, 10)) === mark);
}

/** The command lines of all processes that work in a folder. */
export function commandsIn(folder: string): string[] {
  return processes().flatMap(({ command }) => (command.includes(folder) ? [command] : []));
}

function processes(): { pid: number; parent: number; command: string }[] {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], {
    encoding: 'utf8',
  });
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    if (command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), command }];
  });
}
