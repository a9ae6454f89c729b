import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import { isRunning, markOf } from './process.ts';

const patience_ms = 180_000;

/**
 * Runs `work` while no other process (nor another call in this one) works on the same folder. The
 * lock is a sub-folder with one file, named after the holder's process; that of a dead process is
 * taken over.
 */
export async function alone<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = path.join(folder, 'lock');
  const mine = path.join(lock, `${ownMark()}-${randomBytes(4).toString('hex')}`);
  const since = Date.now();
  while (!(await take(lock, mine))) {
    if (await breakStale(lock)) continue;
    if (Date.now() - since > patience_ms) {
      throw new EmbeddedPostgresError(
        `Another program has been starting or stopping the embedded database in ${folder} for ${patience_ms / 1000} seconds. End it and start again.`,
      );
    }
    await pause(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** The mark of this process. */
export function ownMark(): string {
  return markOf(process.pid) ?? `${process.pid}-0`;
}

async function take(lock: string, mine: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(mine, '');
    return true;
  } catch (error) {
    // ENOENT from the second: somebody took the still empty folder for a stale lock.
    const removed = errorCode(error) === 'ENOENT' && (await exists(path.dirname(lock)));
    if (errorCode(error) === 'EEXIST' || removed) return false;
    throw error;
  }
}

/**
 * Removes the holder's own file first: of several who find a lock stale one succeeds, and a lock
 * that was taken meanwhile has another file and stays.
 */
async function breakStale(lock: string): Promise<boolean> {
  try {
    const [holder] = await readdir(lock);
    if (holder === undefined) {
      const { mtimeMs } = await stat(lock);
      if (Math.abs(Date.now() - mtimeMs) < 2_000) return false;
    } else {
      if (isRunning(holder.slice(0, holder.lastIndexOf('-')))) return false;
      await unlink(path.join(lock, holder));
    }
    await rmdir(lock);
    return true;
  } catch {
    return false;
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
