import { z } from 'zod';
import { timeZoneNamed } from '../core/time-zones.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { nameField } from './fields.ts';
import { isLocale } from './locales.ts';
import type { SignedInPerson } from './people.ts';

export const timeZoneField = z.string('Choose a time zone.').transform((name, context): string => {
  const zone = timeZoneNamed(name);
  if (zone !== undefined) return zone;
  context.addIssue('Choose a time zone.');
  return z.NEVER;
});

export const profileForm = z.object({
  name: nameField,
  time_zone: timeZoneField,
  locale: z.string('Choose how figures are written.').refine(isLocale, {
    error: 'Choose how figures are written.',
  }),
});

export type Profile = z.output<typeof profileForm>;

/**
 * Keeps what somebody says of themselves. What is the same already is no change. The audit says what
 * was changed and not into what: it is kept for ever, and a name is theirs to take away.
 */
export async function keepProfile(
  trx: Trx,
  person: SignedInPerson,
  profile: Profile,
  origin: Origin,
): Promise<void> {
  const fields = ['name', 'time_zone', 'locale'] as const;
  const changed = fields.filter((field) => profile[field] !== person[field]);
  if (changed.length === 0) return;
  const { name, time_zone, locale } = profile;
  await trx
    .updateTable('people')
    .set({ name, time_zone, locale, updated_at: new Date() })
    .where('id', '=', person.id)
    .execute();
  await audit(trx, {
    actor: { kind: 'person', id: person.id },
    action: 'person.profile_changed',
    subject: { kind: 'person', id: person.id },
    after: { changed },
    origin,
  });
}
