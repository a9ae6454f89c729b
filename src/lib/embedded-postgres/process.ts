import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import type { Account } from './place.ts';

/**
 * A process that is told apart from a later one with the same number: "pid-start". Where the
 * system does not say when a process started, the start is 0 and only the number counts.
 */
export type ProcessMark = string;

/** The mark of a process, or undefined when there is none (or only a zombie). */
export function markOf(pid: number): ProcessMark | undefined {
  if (existsSync('/proc/self/stat')) {
    try {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
      // The second field is the name in parentheses, which may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid}-${fields[19] ?? '0'}`;
    } catch {
      return undefined;
    }
  }
  return hasNumber(pid) ? `${pid}-0` : undefined;
}

/** Whether the system knows a process of this number, a zombie included. */
export function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Whether the process that once had this mark still runs. */
export function isRunning(mark: ProcessMark): boolean {
  return markOf(Number.parseInt(mark, 10)) === mark;
}

/** The command line of a running process as one string; empty when the system does not tell. */
export function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) {
      return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
    }
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/**
 * Starts a program of PostgreSQL as the account, in a process group of its own, without the caller's
 * environment (which may hold secrets, or settings that PostgreSQL would follow).
 * @param output an open file that takes what the program writes
 * @throws EmbeddedPostgresError when the system refuses
 */
export async function spawnProgram(
  program: string,
  parameters: string[],
  account: Account | undefined,
  output: number,
): Promise<ChildProcess> {
  const { PATH, SystemRoot, TEMP } = process.env;
  try {
    const child = spawn(program, parameters, {
      // The folder that this process stands in may be closed to the account.
      cwd: path.parse(process.execPath).root,
      env: {
        LC_ALL: 'C',
        ...(PATH === undefined ? {} : { PATH }),
        ...(SystemRoot === undefined ? {} : { SystemRoot }),
        ...(TEMP === undefined ? {} : { TEMP }),
      },
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      detached: true,
      stdio: ['ignore', output, output],
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const who = account === undefined ? '' : ` as the user ${account.name}`;
    throw new EmbeddedPostgresError(
      `The embedded database cannot start: its program cannot be run here${who} (${reason}). Set DATABASE_URL to a PostgreSQL 16 or later${account === undefined ? '' : ', or start as an ordinary user'}.`,
    );
  }
}
