import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Binaries } from './binaries.ts';
import { EmbeddedPostgresError, errorCode, explain, moveAway } from './errors.ts';
import type { Place } from './place.ts';
import { spawnProgram } from './process.ts';

/** PostgreSQL's own data, inside the folder of the embedded database. */
export function clusterOf(folder: string): string {
  return path.join(folder, 'cluster');
}

/**
 * The password of the superuser, made with the first cluster.
 * @throws EmbeddedPostgresError when there is a cluster and its password is gone
 */
export async function readPassword({ folder, account }: Place): Promise<string> {
  const file = path.join(folder, 'password');
  try {
    const password = (await readFile(file, 'utf8')).trim();
    if (password !== '') return password;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw new EmbeddedPostgresError(
        `The embedded database in ${folder} cannot start: ${file} cannot be read (${errorCode(error) ?? 'unknown error'}). Start as the user who made the folder.`,
      );
    }
  }
  if (existsSync(clusterOf(folder))) {
    throw new EmbeddedPostgresError(
      `The embedded database in ${folder} cannot start: its password file ${file} is missing or empty. Put it back. ${moveAway(folder)}`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
  return password;
}

/**
 * Makes the cluster beside its final place and moves it there when it is whole, so that a kill half
 * way leaves only a partial one, which the next start removes.
 * @param durable whether the files reach the disk before this returns
 */
export async function makeCluster(
  place: Place,
  binaries: Binaries,
  durable: boolean,
): Promise<void> {
  const { folder, account } = place;
  for (const name of await readdir(folder)) {
    if (!name.startsWith('cluster.partial-')) continue;
    // What resists, perhaps because it is still written to, may as well stay.
    await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
  const partial = path.join(folder, `cluster.partial-${randomBytes(4).toString('hex')}`);
  await mkdir(partial, { mode: 0o700 });
  if (account !== undefined) await chown(partial, account.uid, account.gid);
  const parameters = [
    `--pgdata=${partial}`,
    '--username=scrip',
    `--pwfile=${path.join(folder, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8 sorts and folds alike on every system.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  let run = await runInitdb(binaries, [...parameters, '--locale=C.UTF-8'], place);
  if (run.code !== 0 && run.output.includes('invalid locale name')) {
    run = await runInitdb(binaries, [...parameters, '--locale=C'], place);
  }
  if (run.code !== 0) {
    await rm(partial, { recursive: true, force: true });
    throw explain(folder, run.output, 'its files could not be made');
  }
  await rm(path.join(folder, 'initdb.log'), { force: true });
  await rename(partial, clusterOf(folder));
}

async function runInitdb(
  { initdb }: Binaries,
  parameters: string[],
  { folder, account }: Place,
): Promise<{ code: number; output: string }> {
  const file = path.join(folder, 'initdb.log');
  const log = openSync(file, 'w', 0o600);
  try {
    const child = await spawnProgram(initdb, parameters, account, log);
    const code = await new Promise<number>((resolve) => {
      child.once('exit', (status) => resolve(status ?? 1));
    });
    return { code, output: await readFile(file, 'utf8') };
  } finally {
    closeSync(log);
  }
}

/**
 * Looks for what a person or a full disk does to a cluster, before PostgreSQL stumbles over it.
 * @throws EmbeddedPostgresError that says what is wrong and how to mend it
 */
export async function inspectCluster(place: Place, { major }: Binaries): Promise<void> {
  const { folder, account } = place;
  const cluster = clusterOf(folder);
  const wrong = (meaning: string, remedy: string) =>
    new EmbeddedPostgresError(
      `The embedded database in ${folder} cannot start: ${meaning}. ${remedy}`,
    );
  const { uid, mode } = await stat(cluster);
  const user = account?.uid ?? process.getuid?.() ?? uid;
  if (uid !== user) {
    throw wrong(
      `${cluster} belongs to another user (${String(uid)})`,
      `Start as that user, or give it to yours: chown -R ${String(user)} ${folder}`,
    );
  }
  if (process.platform !== 'win32' && (mode & 0o700) !== 0o700) {
    throw wrong(`${cluster} has wrong permissions`, `Run: chmod 700 ${cluster}`);
  }
  if (process.platform !== 'win32' && (mode & 0o027) !== 0) {
    throw wrong(`${cluster} is open to other users`, `Run: chmod 700 ${cluster}`);
  }
  const version = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(() => '');
  if (version.trim() === '') {
    throw wrong(`its file cluster/PG_VERSION is missing or empty`, moveAway(folder));
  }
  if (version.trim() !== major) {
    throw wrong(
      `its files are of PostgreSQL ${version.trim()}, and this program brings PostgreSQL ${major}`,
      `Go back to the earlier version of this program to keep the data. ${moveAway(folder)}`,
    );
  }
  for (const name of ['global/pg_control', 'base', 'pg_wal', 'postgresql.conf', 'pg_hba.conf']) {
    if (existsSync(path.join(cluster, name))) continue;
    throw wrong(`its files are damaged (cluster/${name} is missing)`, moveAway(folder));
  }
}
