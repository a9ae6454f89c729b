import { z } from 'zod';
import { ALERT_KINDS, EXPIRY_DAYS } from '../core/alerts.ts';
import { parseCredits } from '../core/credits.ts';

/** A whole number within limits; empty: not of this. */
function numberField(least: number, most: number) {
  return z.string().transform((text, context) => {
    const trimmed = text.trim();
    if (trimmed === '') return null;
    const number = /^\d{1,4}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
    if (number >= least && number <= most) return number;
    context.addIssue(`Give a whole number from ${least} to ${most}, or nothing.`);
    return z.NEVER;
  });
}

/** A browser leaves ticks that are not set out, sends one as a text, several as a list. */
function ticksField<Value extends string>(offered: readonly Value[]) {
  return z.preprocess(
    (ticked) => [ticked ?? []].flat(),
    z.array(z.enum(offered, 'Choose of what is offered.')),
  );
}

export const SettingsForm = z.object({
  low_percent: numberField(1, 100),
  critical_percent: numberField(1, 100),
  mark: z.string().transform((text, context) => {
    const trimmed = text.trim();
    if (trimmed === '') return null;
    const micro = parseCredits(trimmed);
    if (micro !== undefined && micro > 0n) return micro;
    context.addIssue('Give credits above 0, such as 100, or nothing.');
    return z.NEVER;
  }),
  run_out_days: numberField(1, 90),
  expiry_days: ticksField(EXPIRY_DAYS.map(String)),
  spikes: z.literal('yes').optional(),
});

/** The days that somebody has ticked, whatever else is wrong in the form. */
export function tickedDays(body: unknown): readonly number[] {
  const ticked = SettingsForm.pick({ expiry_days: true }).safeParse(body);
  return ticked.success ? ticked.data.expiry_days.map(Number) : [];
}

export const PreferencesForm = z.object({
  in_page: ticksField(ALERT_KINDS),
  by_mail: ticksField(ALERT_KINDS),
});
