import { randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { clusterOf } from './cluster.ts';
import { EmbeddedPostgresError, errorCode, explain } from './errors.ts';
import type { Place } from './place.ts';
import {
  commandLine,
  isRunning,
  hasNumber,
  markOf,
  type ProcessMark,
  spawnProgram,
} from './process.ts';

/** A running PostgreSQL of one folder. */
export interface Server {
  mark: ProcessMark;
  port: number;
}

export interface LaunchOptions {
  place: Place;
  binaries: Binaries;
  durable: boolean;
  settings: Readonly<Record<string, string>>;
  say: (sentence: string) => void;
}

const logLimit_bytes = 10_000_000;
const startLimit_ms = 150_000;

/** What postmaster.pid says; undefined when there is none, or none that is whole yet. */
async function readPidFile(
  cluster: string,
): Promise<{ pid: number; port: number; status: string } | undefined> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), status: (lines[7] ?? '').trim() };
}

/**
 * The PostgreSQL that an earlier run left behind or another process uses; one that is starting or
 * stopping is waited for. A postmaster.pid whose number another program (or a zombie) has now is
 * removed, because PostgreSQL would refuse to start; others it replaces itself.
 */
export async function findServer(cluster: string): Promise<Server | undefined> {
  const since = Date.now();
  for (;;) {
    const file = await readPidFile(cluster);
    if (file === undefined) return undefined;
    const mark = markOf(file.pid);
    const command = commandLine(file.pid);
    if (mark === undefined || !command.includes('postgres') || !command.includes(cluster)) {
      if (hasNumber(file.pid)) await rm(path.join(cluster, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (file.status === 'ready') return { mark, port: file.port };
    if (Date.now() - since > startLimit_ms) {
      throw new EmbeddedPostgresError(
        `The embedded database in ${path.dirname(cluster)} cannot be used: its process ${file.pid} has been "${file.status}" for long. End that process (kill -QUIT ${file.pid}) and start again.`,
      );
    }
    await pause(20);
  }
}

/**
 * Starts PostgreSQL and waits until it takes connections. It is detached from the terminal, so that
 * Ctrl-C reaches this program alone, which stops it in order.
 */
export async function launch(options: LaunchOptions): Promise<Server> {
  const { folder } = options.place;
  const fixed = options.settings['port'];
  const portFile = path.join(folder, 'port');
  const last = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  let port = fixed === undefined ? last : Number(fixed);
  for (let attempt = 1; ; attempt += 1) {
    if (!(port > 0 && (await isFree(port)))) {
      if (fixed !== undefined) throw portTaken(folder, fixed);
      const free = await freePort();
      if (port > 0) {
        options.say(`Port ${port} is taken; the embedded database listens on ${free}.`);
      }
      port = free;
    }
    const outcome = await tryLaunch(options, port);
    if (typeof outcome !== 'string') {
      if (port !== last) await writeFile(portFile, String(port));
      return outcome;
    }
    // Another program may have taken the port since; remains of a killed server end in a moment.
    const isPassing = /Address already in use|pre-existing shared memory block/.test(outcome);
    if (!isPassing || attempt === 5) {
      throw explain(
        folder,
        outcome,
        'PostgreSQL ended while it was starting',
        path.join(folder, 'postgres.log'),
      );
    }
    await pause(200);
  }
}

function portTaken(folder: string, port: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded database in ${folder} cannot start: port ${port} of 127.0.0.1 is taken by another program. End that program, or choose another port, and start again.`,
  );
}

/** The running server, or what PostgreSQL wrote before it ended. */
async function tryLaunch(options: LaunchOptions, port: number): Promise<Server | string> {
  const { place, binaries, durable, settings, say } = options;
  const cluster = clusterOf(place.folder);
  const logFile = path.join(place.folder, 'postgres.log');
  const logged_bytes = await prepareLog(logFile);
  const all: Record<string, string> = {
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
  const parameters = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  const program = ['-D', cluster, ...parameters];
  const child = await spawnProgram(binaries.postgres, program, place.account, log).finally(() =>
    closeSync(log),
  );
  child.unref();
  let hasEnded = child.exitCode !== null;
  child.once('exit', () => (hasEnded = true));
  const since = Date.now();
  let hasSaid = false;
  while (!hasEnded) {
    const file = await readPidFile(cluster);
    const mark = child.pid === undefined ? undefined : markOf(child.pid);
    if (mark !== undefined && file?.pid === child.pid && file?.status === 'ready') {
      return { mark, port };
    }
    if (!hasSaid && Date.now() - since > 5_000) {
      hasSaid = true;
      say('The embedded database is still starting; after a crash that may take a while.');
    }
    if (Date.now() - since > startLimit_ms) child.kill('SIGQUIT');
    await pause(5);
  }
  return readFileSync(logFile).subarray(logged_bytes).toString();
}

/** Keeps one earlier log when the present one has grown long; answers with its length. */
async function prepareLog(logFile: string): Promise<number> {
  const size = existsSync(logFile) ? statSync(logFile).size : 0;
  if (size > logLimit_bytes) await rename(logFile, `${logFile}.1`);
  return size > logLimit_bytes ? 0 : size;
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

/** Below the range from which systems take ports for connections, so that it is free next time. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  return (await listenOnce(0)) ?? 0;
}

async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/**
 * Stops PostgreSQL: in order, and after ten seconds at once (it then repairs itself at its next
 * start). Returns when its process is gone.
 */
export async function shutDown({ mark }: Server): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    sendSignal(mark, signal);
    const since = Date.now();
    while (Date.now() - since < 10_000) {
      if (!isRunning(mark)) return;
      await pause(5);
    }
  }
  throw new EmbeddedPostgresError(
    `The embedded database does not stop: its process ${Number.parseInt(mark, 10)} ignores the order to. End it by hand.`,
  );
}

/** Does nothing when the process is gone. */
export function sendSignal(mark: ProcessMark, signal: 'SIGINT' | 'SIGQUIT'): void {
  if (!isRunning(mark)) return;
  try {
    process.kill(Number.parseInt(mark, 10), signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
