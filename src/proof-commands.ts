/** What the command line says of the ledger's proof and its seals. */
import type { Config } from './config.ts';
import { type Violation, proveAndKeep } from './ledger/proof.ts';
import { exportSeal, lastSeal } from './ledger/seals.ts';
import { sealKeysOf } from './local-services.ts';
import { openDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';

/** @throws Error when there is a violation, with how many */
export async function verify(
  running: Running,
  config: Config,
  exported: string | undefined,
): Promise<void> {
  const connections = await openDatabase(running, config);
  const keys = await sealKeysOf(config);
  if (keys.length === 0 && exported !== undefined) {
    throw new Error('A seal cannot be checked without SEAL_KEY.');
  }
  const violations = await proveAndKeep(connections, keys, exported);
  for (const violation of violations) say(sentenceOf(violation));
  if (violations.length > 0) {
    throw new Error(`The ledger does not add up: ${violations.length} found.`);
  }
  say('The ledger adds up.');
  const seal = await lastSeal(connections.staff);
  if (seal === undefined) return;
  const until = `the seals up to ${seal.hour.toISOString()}`;
  say(keys.length > 0 ? `So do ${until}.` : `Not checked without SEAL_KEY: ${until}.`);
}

export async function showSeals(running: Running, config: Config, whole: boolean): Promise<void> {
  const connections = await openDatabase(running, config);
  const seal = await lastSeal(connections.staff);
  if (whole) {
    if (seal === undefined) throw new Error('No hour of the ledger is sealed yet.');
    say(exportSeal(seal));
    return;
  }
  const keys = await sealKeysOf(config);
  say(
    seal === undefined
      ? 'No hour of the ledger is sealed yet.'
      : `The hours up to the one of ${seal.hour.toISOString()} are sealed: ${seal.number} of them.`,
  );
  if (keys.length === 0) say('No more hours are sealed without SEAL_KEY.');
}

function sentenceOf({ rule, wallet_id, detail }: Violation): string {
  const where = [...(wallet_id === null ? [] : [`wallet ${wallet_id}`]), detail];
  return `${where.filter((part) => part !== '').join(', ')}: not so that ${rule}`;
}
