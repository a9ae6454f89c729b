import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from '../bench/program.ts';

const inSrc = (name: string): string => path.join(import.meta.dirname, '..', 'src', name);
const CLOCK = path.join(import.meta.dirname, 'shifted-clock.ts');
const READY_MILLISECONDS_MAX = 60_000;

/** A web program as its users run it, on a port that stays its own. */
export class WebProgram {
  readonly url: string;
  /** How it ended when nobody asked it to: always a fault of the program. */
  endedByItself: string | undefined;
  private readonly settings: Record<string, string>;
  private readonly logFile: string;
  private child: ChildProcess | undefined;

  constructor(settings: Record<string, string>, logFile: string) {
    this.settings = settings;
    this.logFile = logFile;
    this.url = settings['BASE_URL'] ?? '';
  }

  /** Begins; `ready` says when it serves. */
  start(): void {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, ['--import', CLOCK, inSrc('server.ts')], {
      env: { ...ownEnvironment(), ...this.settings },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    child.once('exit', (code, signal) => {
      if (this.child === child) this.endedByItself = `ended with ${code ?? signal ?? ''}`;
    });
  }

  async ready(): Promise<void> {
    const until = performance.now() + READY_MILLISECONDS_MAX;
    while (performance.now() < until) {
      if (this.endedByItself !== undefined) break;
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok === true) return;
      await pause(25);
    }
    throw new Error(`a program is not ready (${this.endedByItself ?? ''}): see ${this.logFile}`);
  }

  /** The clock of the program jumps. */
  jump(): void {
    this.child?.kill('SIGUSR2');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/** Few connections each, so that they run out. */
const POOL_MAX = 4;

export async function webPrograms(
  databaseUrl: string,
  folder: string,
  count: number,
): Promise<WebProgram[]> {
  const SESSION_SECRET = randomBytes(32).toString('hex');
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const port = await freePort();
      const settings = {
        NODE_ENV: 'production',
        DATABASE_URL: databaseUrl,
        DATABASE_POOL_MAX: String(POOL_MAX),
        SESSION_SECRET,
        ENCRYPTION_KEY: SESSION_SECRET,
        BASE_URL: `http://127.0.0.1:${port}`,
        PORT: String(port),
        LOG_LEVEL: 'warn',
        // One of them also does the jobs: what is due is written while it is spent.
        ...(index === 0 ? { WORKER_INLINE: '1' } : {}),
      };
      return new WebProgram(settings, path.join(folder, `program-${index + 1}.log`));
    }),
  );
}

/** Brings a database up to date, as a release does. */
export async function release(databaseUrl: string): Promise<void> {
  await runProgram(process.execPath, [inSrc('migrate.ts')], { DATABASE_URL: databaseUrl });
}

/** A key of the service: it may spend for every customer. */
export async function serviceKey(databaseUrl: string): Promise<string> {
  const command = [inSrc('cli.ts'), 'create-key', '--name', 'torture'];
  const out = await runProgram(process.execPath, command, { DATABASE_URL: databaseUrl });
  const key = /scrip_live_\w+_[\w-]{43}/.exec(out)?.[0];
  if (key === undefined) throw new Error(`no key was made: ${out}`);
  return key;
}

/** Proves the whole ledger.
 * @throws ProgramError with each violation
 */
export async function verify(databaseUrl: string): Promise<void> {
  await runProgram(process.execPath, [inSrc('cli.ts'), 'verify'], { DATABASE_URL: databaseUrl });
}

function ownEnvironment(): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'] };
}

export async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}
