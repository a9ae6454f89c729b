import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { spenderOf } from '../core/spender.ts';
import { keyHash } from './keys.ts';
import { type Named, readNamed } from './read-state.ts';
import type { Statements } from './statements.ts';
import { type KnownKeys, readKeys } from './used-keys.ts';

/** A command, and the time of its own that it may bring. */
export interface AskedCommand {
  command: Command | Transfer;
  at?: Instant | undefined;
}

/** What commands name of their wallets, and what is known of the keys that they come with. */
export interface Found extends KnownKeys {
  named: ReadonlyMap<string, Named>;
}

/** All in one go, after the wallets were locked. */
export async function findWhatIsNamed(
  statements: Statements,
  asked: readonly AskedCommand[],
): Promise<Found> {
  const commands = asked.map(({ command }) => command);
  const keyed = commands.filter((command) => command.kind !== 'expire');
  const apiKeyIds = keyed.flatMap((command) => command.asked.api_key_id ?? []);
  const peopleIds = commands.flatMap((command) => spenderOf(command) ?? []);
  const [keys, named] = await Promise.all([
    readKeys(
      statements,
      keyed.flatMap((command) =>
        walletsOf(command).map((walletId) => [walletId, keyHash(command.key)] as const),
      ),
      { apiKeyIds: [...new Set(apiKeyIds)], peopleIds: [...new Set(peopleIds)] },
    ),
    readNamed(statements, commands),
  ]);
  return { ...keys, named };
}

/** The wallets in which a command writes: of a transfer the sender's first. */
export function walletsOf(command: Command | Transfer): string[] {
  if (command.kind !== 'transfer') return [command.wallet_id];
  return [command.from_wallet_id, command.to_wallet_id];
}
