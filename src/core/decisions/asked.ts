import { type KeyedCommand, type Transfer, contentOf } from '../commands.ts';
import type { Written } from '../draft.ts';

/** What a command's own entry says of who asked and with which key. */
export function asAsked(
  command: KeyedCommand | Transfer,
): Pick<Written, 'key' | 'content' | 'asked' | 'details'> {
  return {
    key: command.key,
    content: contentOf(command),
    asked: command.asked,
    details: command.details ?? null,
  };
}
