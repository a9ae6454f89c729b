import { showFor } from '../lib/formatting.ts';

/**
 * How figures and dates can be written. The words of the pages are English in all of them, so a
 * locale differs from another by its signs only.
 */
const LOCALES: readonly [code: string, where: string][] = [
  ['en', 'International'],
  ['en-US', 'United States'],
  ['en-IN', 'India'],
  ['de-DE', 'Germany'],
  ['de-CH', 'Switzerland'],
  ['es-ES', 'Spain'],
  ['fr-FR', 'France'],
  ['it-IT', 'Italy'],
  ['nl-NL', 'Netherlands'],
  ['pl-PL', 'Poland'],
  ['pt-BR', 'Brazil'],
  ['sv-SE', 'Sweden'],
];

export function isLocale(code: string): boolean {
  return LOCALES.some(([known]) => known === code);
}

/** The locales to choose from, each with what it looks like. */
export function localeChoices(at: Date): { code: string; label: string }[] {
  return LOCALES.map(([code, where]) => {
    const show = showFor({ time_zone: 'UTC', locale: code });
    const money = show.money(123_456_700n, 'USD');
    return {
      code,
      label: `${where}: ${show.credits(1_234_567_500_000n)}, ${money}, ${show.date(at)}`,
    };
  });
}
