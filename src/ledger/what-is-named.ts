import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { keyHash } from './keys.ts';
import { type Named, readGoneApiKeys, readNamed } from './read-state.ts';
import type { Statements } from './statements.ts';
import { type UsedKey, readKeys } from './used-keys.ts';

/** A command, and the time of its own that it may bring. */
export interface AskedCommand {
  command: Command | Transfer;
  at?: Instant | undefined;
}

/** What commands name of their wallets, and the time of the database. */
export interface Found {
  now: Instant;
  used: readonly (readonly [name: string, first: UsedKey])[];
  named: ReadonlyMap<string, Named>;
  gone: readonly string[];
}

/** All in one go, after the wallets were locked. */
export async function findWhatIsNamed(
  statements: Statements,
  asked: readonly AskedCommand[],
): Promise<Found> {
  const commands = asked.map(({ command }) => command);
  const keyed = commands.filter((command) => command.kind !== 'expire');
  const [keys, named, gone] = await Promise.all([
    readKeys(
      statements,
      keyed.flatMap((command) =>
        walletsOf(command).map((walletId) => [walletId, keyHash(command.key)] as const),
      ),
    ),
    readNamed(statements, commands),
    readGoneApiKeys(statements, commands),
  ]);
  return { ...keys, named, gone };
}

/** The wallets in which a command writes: of a transfer the sender's first. */
export function walletsOf(command: Command | Transfer): string[] {
  if (command.kind !== 'transfer') return [command.wallet_id];
  return [command.from_wallet_id, command.to_wallet_id];
}
