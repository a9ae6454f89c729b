import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ownMark } from './lock.ts';
import { isRunning } from './process.ts';

/**
 * The processes that use the embedded database of a folder, one file each: whoever leaves last
 * stops it, so a command line beside a running server takes nothing away from it, nor the other way
 * round. What a killed process left here is not counted.
 */
export function enter(folder: string): string {
  const users = path.join(folder, 'users');
  mkdirSync(users, { recursive: true });
  const name = `${ownMark()}-${randomBytes(4).toString('hex')}`;
  writeFileSync(path.join(users, name), '');
  return name;
}

export function leave(folder: string, name: string): void {
  rmSync(path.join(folder, 'users', name), { force: true });
}

/** Whether any living process uses the database; forgets those that are gone. */
export function isInUse(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(path.join(folder, 'users'));
  } catch {
    return false;
  }
  const living = names.filter((name) => isRunning(name.slice(0, name.lastIndexOf('-'))));
  for (const name of names) if (!living.includes(name)) leave(folder, name);
  return living.length > 0;
}
