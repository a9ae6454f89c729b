import { z } from 'zod';
import { parseCredits } from '../core/credits.ts';
import { AddressRefused, refuseLiteral } from './addresses.ts';
import { EVENT_TYPES } from './events.ts';

const URL_MAX = 2_000;
const WANTED = 'Give a whole address: https://example.com/webhooks.';

/** Where messages are to go. What a host name stands for is looked at when something is sent. */
export function urlField(publicOnly: boolean) {
  return z
    .string(WANTED)
    .trim()
    .max(URL_MAX, `Give at most ${URL_MAX} characters.`)
    .transform((text, context) => {
      const url = URL.parse(text);
      const fault = url === null ? WANTED : faultOf(url, publicOnly);
      if (url !== null && fault === undefined) return url.href;
      context.addIssue(fault ?? WANTED);
      return z.NEVER;
    });
}

function faultOf(url: URL, publicOnly: boolean): string | undefined {
  const protocols = publicOnly ? ['https:'] : ['https:', 'http:'];
  if (!protocols.includes(url.protocol)) return 'The address must begin with https://.';
  if (url.username !== '' || url.password !== '') return 'Leave out the name and password.';
  if (url.hash !== '') return 'Leave out what follows the #.';
  try {
    if (publicOnly) refuseLiteral(url);
  } catch (error) {
    if (error instanceof AddressRefused) return error.message;
    throw error;
  }
  return undefined;
}

const event = z.enum(EVENT_TYPES, 'Choose among the events.');

/** A browser sends one tick as a text, several as a list. */
export const eventsField = z
  .union([event.transform((one) => [one]), z.array(event)], 'Choose at least one event.')
  .transform((events) => EVENT_TYPES.filter((type) => events.includes(type)))
  .refine((events) => events.length > 0, 'Choose at least one event.');

export const endpointForm = (publicOnly: boolean) =>
  z.object({
    url: urlField(publicOnly),
    mode: z.enum(['live', 'test'], 'Choose live or test credits.'),
    events: eventsField,
  });

/** Empty: nobody is told. */
export const MarkForm = z.object({
  mark: z.string().transform((text, context) => {
    const trimmed = text.trim();
    if (trimmed === '') return null;
    const micro = parseCredits(trimmed);
    if (micro !== undefined && micro > 0n) return micro;
    context.addIssue('Give credits above 0 with at most six decimals, or nothing.');
    return z.NEVER;
  }),
});
