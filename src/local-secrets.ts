import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What the program makes for itself when it is given no settings, kept beside its database. */
const KeptSecrets = z.object({
  session: z.string(),
  /** These two are absent where an earlier version of the program made the file. */
  seal: z.string().optional(),
  encryption: z.string().optional(),
  stripe_key: z.string(),
  stripe_webhook: z.string(),
  stripe_port: z.number().default(0),
});
export type KeptSecrets = z.output<typeof KeptSecrets>;

/**
 * What an earlier start kept, or what is made now: by one of several that start at once.
 * @throws Error with a sentence for the operator, when the file is damaged or not ours to read
 */
export async function keptSecrets(folder: string): Promise<KeptSecrets> {
  const kept = await readSecrets(folder);
  if (kept !== undefined) return kept;
  const partial = await writePartial(folder, {
    session: newSecret(),
    seal: newSecret(),
    encryption: newSecret(),
    stripe_key: `sk_test_${randomBytes(12).toString('hex')}`,
    stripe_webhook: `whsec_${randomBytes(16).toString('hex')}`,
    stripe_port: 0,
  });
  try {
    await link(partial, fileOf(folder));
  } catch (error) {
    // Where the system of files has no links, the last of several wins.
    if (errorCode(error) !== 'EEXIST') await rename(partial, fileOf(folder));
  } finally {
    await rm(partial, { force: true });
  }
  const made = await readSecrets(folder);
  if (made === undefined) throw new Error(`${fileOf(folder)} was removed while starting.`);
  return made;
}

export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

async function readSecrets(folder: string): Promise<KeptSecrets | undefined> {
  const file = fileOf(folder);
  try {
    return KeptSecrets.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw new Error(
      `${file} cannot be read. Put it back, or remove it: then everybody has to sign in again, what was sealed cannot be checked, and what was encrypted cannot be read.`,
      { cause: error },
    );
  }
}

/** Puts others in their place. */
export async function keepSecrets(folder: string, secrets: KeptSecrets): Promise<void> {
  await rename(await writePartial(folder, secrets), fileOf(folder));
}

/** Beside its final place, so that a kill half way leaves no half file there. */
async function writePartial(folder: string, secrets: KeptSecrets): Promise<string> {
  const partial = `${fileOf(folder)}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(partial, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    return partial;
  } catch (error) {
    throw new Error(
      `Nothing can be kept in ${folder}. Make it writable, or name another folder in DATA_DIR.`,
      { cause: error },
    );
  }
}

function fileOf(folder: string): string {
  return path.join(folder, 'secrets.json');
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
