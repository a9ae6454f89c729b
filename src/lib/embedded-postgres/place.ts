import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';

/** A user of the system that PostgreSQL runs as, because it refuses to run as root. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** Where the embedded database lives and as whom it runs (undefined: as this process does). */
export interface Place {
  folder: string;
  account: Account | undefined;
  /** Whether the folder is not the one that was asked for. */
  moved: boolean;
}

/** Folders outside the project that data or programs go to when PostgreSQL cannot reach them. */
export const outsideFolders = ['/var/lib/scrip', path.join(tmpdir(), 'scrip')];

/**
 * Makes the folder of the embedded database. For root it settles which user runs PostgreSQL, and
 * chooses a folder outside when that user may not pass the given one; a cluster that is there
 * already stays where it is and keeps its user.
 * @param outside candidates for a folder outside, the best first
 */
export async function choosePlace(folder: string, outside = outsideFolders): Promise<Place> {
  const wanted = await realFolder(folder);
  if (process.getuid?.() !== 0) {
    await mkdir(wanted, { recursive: true });
    return { folder: wanted, account: undefined, moved: false };
  }
  const name = `${path.basename(wanted)}-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`;
  const others: string[] = [];
  for (const base of outside) if (await isTrusted(base)) others.push(path.join(base, name));
  for (const candidate of [wanted, ...others]) {
    if (!existsSync(path.join(candidate, 'cluster'))) continue;
    const account = await ownerOf(path.join(candidate, 'cluster'));
    const barrier = await findBarrier(candidate, account);
    if (barrier === undefined) {
      return { folder: candidate, account, moved: candidate !== wanted };
    }
    throw new EmbeddedPostgresError(
      `The embedded database in ${candidate} cannot start: it runs as the user ${account.name}, who may not pass ${barrier}. Let others pass that folder (chmod o+x ${barrier}), or move the database to a folder that they can reach.`,
    );
  }
  const account = await unprivilegedAccount();
  if ((await findBarrier(wanted, account)) === undefined) {
    await makeFolders(wanted);
    return { folder: wanted, account, moved: false };
  }
  const base = await outsideFolder(account, outside);
  await makeFolders(path.join(base, name));
  return { folder: path.join(base, name), account, moved: true };
}

/**
 * The first of the folders outside that can be made, belongs to this user alone, and can be passed
 * by the account.
 */
export async function outsideFolder(account: Account, outside = outsideFolders): Promise<string> {
  for (const base of outside) {
    try {
      await makeFolders(base);
      const passable = (await findBarrier(base, account)) === undefined;
      if (passable && (await isTrusted(base))) return base;
    } catch {
      // The next one may be possible.
    }
  }
  throw new EmbeddedPostgresError(
    `The embedded database cannot start: PostgreSQL does not run as root, and the user ${account.name} can reach neither this project nor ${outside.join(' or ')}. Start as an ordinary user, or set DATABASE_URL.`,
  );
}

/** The first folder on the way to `target` (itself included) that the account may not pass. */
export async function findBarrier(target: string, account: Account): Promise<string | undefined> {
  // What does not exist yet is made by us, and can be passed then.
  const real = await realpath(nearestExisting(path.resolve(target)));
  const { root } = path.parse(real);
  const names = real.slice(root.length).split(path.sep);
  for (let depth = 0; depth <= names.length; depth += 1) {
    const parent = path.join(root, ...names.slice(0, depth));
    const { uid, gid, mode } = await stat(parent);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return parent;
  }
  return undefined;
}

/** The folder by its one real path, whether it exists or not: it tells databases apart. */
async function realFolder(folder: string): Promise<string> {
  const existing = nearestExisting(path.resolve(folder));
  return path.join(await realpath(existing), path.relative(existing, path.resolve(folder)));
}

function nearestExisting(target: string): string {
  let existing = target;
  while (!existsSync(existing)) existing = path.dirname(existing);
  return existing;
}

/** Whether nobody else could have put something into this folder, which may be below /tmp. */
async function isTrusted(base: string): Promise<boolean> {
  const found = await lstat(base).catch(() => undefined);
  return found !== undefined && found.uid === process.getuid?.() && (found.mode & 0o22) === 0;
}

async function makeFolders(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // Whatever the umask of this process is, the account has to pass what was made.
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
    await chmod(made, 0o755);
  }
}

async function ownerOf(cluster: string): Promise<Account> {
  const { uid, gid } = await stat(cluster);
  if (uid === 0) {
    throw new EmbeddedPostgresError(
      `The embedded database in ${path.dirname(cluster)} cannot start: ${cluster} belongs to root, as whom PostgreSQL refuses to run. Give it to the user who made it, such as: chown -R postgres ${cluster}`,
    );
  }
  const known = (await accounts()).find((account) => account.uid === uid);
  return { name: known?.name ?? String(uid), uid, gid };
}

async function unprivilegedAccount(): Promise<Account> {
  const known = await accounts();
  const account =
    known.find(({ name }) => name === 'postgres') ?? known.find(({ name }) => name === 'nobody');
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    'The embedded database cannot start: PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". Start as an ordinary user, or set DATABASE_URL.',
  );
}

async function accounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    // macOS has numbers below zero there; they stand for the top of the unsigned range.
    return uid === undefined ? [] : [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }];
  });
}
