import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { clearInterval, setInterval, setTimeout } from 'node:timers';

/**
 * One installation at a time. The lock is a folder with one file named after its holder. A holder
 * touches the folder while it works; a lock is stale when its process is gone, or when it has not
 * been touched for 20 seconds of watching.
 * @param {string} lockFolder its parent is made when it is missing
 * @param {() => Promise<void>} work
 */
export async function alone(lockFolder, work) {
  const mine = path.join(
    lockFolder,
    `${hostname()}~${process.pid}~${randomBytes(4).toString('hex')}`,
  );
  let watched = { touched: 0, since: Date.now() };
  let told = false;
  while (!take(lockFolder, mine)) {
    const touched = fs.statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (touched !== watched.touched) watched = { touched, since: Date.now() };
    if (breakStale(lockFolder, Date.now() - watched.since > 20_000)) continue;
    if (!told) console.log('Waiting for another terminal that is installing the dependencies.');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const touch = setInterval(() => fs.utimesSync(lockFolder, new Date(), new Date()), 2_000);
  try {
    await work();
  } finally {
    clearInterval(touch);
    fs.rmSync(lockFolder, { recursive: true, force: true });
  }
}

/**
 * @param {string} lockFolder
 * @param {string} mine
 * @returns {boolean} whether the lock is ours now
 */
function take(lockFolder, mine) {
  fs.mkdirSync(path.dirname(lockFolder), { recursive: true });
  try {
    fs.mkdirSync(lockFolder);
    fs.writeFileSync(mine, '');
    return true;
  } catch (error) {
    // ENOENT: somebody took the still empty folder for a stale lock and removed it.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Removes the holder's own file first: of several who find a lock stale, one succeeds, and a lock
 * that was taken meanwhile has another file and stays.
 * @param {string} lockFolder
 * @param {boolean} untouched whether the holder has shown no life for long
 * @returns {boolean} whether the lock is free now
 */
function breakStale(lockFolder, untouched) {
  try {
    const [holder] = fs.readdirSync(lockFolder);
    if (!untouched && (holder === undefined || isAlive(holder))) return false;
    if (holder !== undefined) fs.unlinkSync(path.join(lockFolder, holder));
    fs.rmdirSync(lockFolder);
    return true;
  } catch {
    // Released, or broken by another who waits.
    return false;
  }
}

/** @param {string} holder */
function isAlive(holder) {
  const [machine, pid] = holder.split('~');
  if (machine !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
