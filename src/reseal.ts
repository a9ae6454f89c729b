import type { Config } from './config.ts';
import { encryptionKeysOf } from './local-services.ts';
import { openDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';
import type { Connections } from './lib/database.ts';
import type { Resealed } from './lib/secret-box.ts';
import { resealCodes } from './people/sealed-codes.ts';
import { endpointSecrets, resealEndpoints } from './webhooks/secrets.ts';

/**
 * Encrypts every secret in the database with the newest key, which an older one did, or none. What
 * can be read by no key that is known stays as it is, and is counted.
 * @param write false: only counts what would be encrypted anew
 */
export async function resealAll(
  { app, ledgerJobs }: Pick<Connections, 'app' | 'ledgerJobs'>,
  keys: readonly string[],
  write = true,
): Promise<Resealed> {
  const codes = await resealCodes(app, keys, write);
  const endpoints = await resealEndpoints(ledgerJobs, endpointSecrets(keys), write);
  return {
    renewed: codes.renewed + endpoints.renewed,
    unreadable: codes.unreadable + endpoints.unreadable,
  };
}

/** @throws Error when some are of a key that is not named */
export async function resealNow(running: Running, config: Config): Promise<void> {
  const connections = await openDatabase(running, config);
  const { renewed, unreadable } = await resealAll(connections, await encryptionKeysOf(config));
  say(`${renewed} secrets were encrypted anew.`);
  if (unreadable > 0) {
    throw new Error(
      `${unreadable} secrets are encrypted with a key that ENCRYPTION_KEY does not name. Name it too, behind the newest.`,
    );
  }
  say('All secrets are encrypted with the newest key: older ones are needed no more.');
}
