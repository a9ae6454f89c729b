import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Running } from '../src/program.ts';
import { processorSeconds, residentBytes } from './processor.ts';
import { onlyOnce, runProgram } from './program.ts';

const source = (name: string): string => path.join(import.meta.dirname, '..', 'src', name);

/** Brings a database up to date, as a release does: the schema, and operations with their prices. */
export async function release(databaseUrl: string): Promise<void> {
  await runProgram(process.execPath, [source('migrate.ts')], { DATABASE_URL: databaseUrl });
}

/** The web program as its users run it: in production, with its log. */
export interface Server {
  port: number;
  /** A key of the service: it may debit every customer. */
  apiKey: string;
  sessionSecret: string;
  processorSeconds: () => number;
  /** What it holds of the machine's memory. */
  residentBytes: () => number;
  stop: () => Promise<void>;
}

export interface ServerOptions {
  databaseUrl: string;
  /** Where its log goes. */
  folder: string;
  /** A folder for a profile of its processor time. */
  profileFolder?: string | undefined;
}

export async function startServer(running: Running, options: ServerOptions): Promise<Server> {
  const port = await freePort();
  const sessionSecret = randomBytes(32).toString('hex');
  const settings = {
    NODE_ENV: 'production',
    DATABASE_URL: options.databaseUrl,
    SESSION_SECRET: sessionSecret,
    ENCRYPTION_KEY: sessionSecret,
    BASE_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    RATE_LIMIT_SERVICE_KEY: '1000000000',
  };
  const apiKey = await createKey(settings);
  return running.start(
    async () => {
      const log = openSync(path.join(options.folder, 'server.log'), 'a');
      const { profileFolder } = options;
      const profile =
        profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
      const child = spawn(process.execPath, [...profile, source('server.ts')], {
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      const ended = once(child, 'exit');
      const stop = onlyOnce(async () => {
        child.kill('SIGTERM');
        await ended;
      });
      const until = performance.now() + 30_000;
      while (!(await isReady(port))) {
        if (child.exitCode === null && performance.now() < until) {
          await pause(20);
          continue;
        }
        await stop();
        throw new Error(`the server does not start: see ${options.folder}/server.log`);
      }
      return {
        ...{ port, apiKey, sessionSecret, stop },
        processorSeconds: () => processorSeconds(child.pid ?? 0),
        residentBytes: () => residentBytes(child.pid ?? 0),
      };
    },
    (server) => server.stop(),
  );
}

async function createKey(settings: Record<string, string>): Promise<string> {
  const parameters = ['create-key', '--name', 'bench'];
  const out = await runProgram(process.execPath, [source('cli.ts'), ...parameters], settings);
  const key = /scrip_live_\w+_[\w-]{43}/.exec(out)?.[0];
  if (key === undefined) throw new Error(`no key was made: ${out}`);
  return key;
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}
