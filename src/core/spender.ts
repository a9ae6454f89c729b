import type { Command, Transfer } from './commands.ts';

/**
 * The person who spends or holds credits by a command, and who may not when shut out meanwhile. What
 * was held before is captured or released all the same.
 */
export function spenderOf(command: Command | Transfer): string | undefined {
  switch (command.kind) {
    case 'debit':
    case 'hold':
    case 'extend':
    case 'correction':
    case 'transfer':
      return command.asked.actor_kind === 'person' ? command.asked.actor_id : undefined;
    default:
      return undefined;
  }
}
