/** How what does not add up can be mended. */
export type Remedy =
  /** What is stored is put back to what the entries say. */
  | 'from_entries'
  /** What is summed up of entries is summed up again. */
  | 'sum_again'
  /** Nothing written now mends it: what should never change was changed, or is about money. */
  | 'none';

const REMEDIES: Readonly<Record<string, Remedy>> = {
  'a lot equals the fold of its legs': 'from_entries',
  'a wallet equals the sum of its lots': 'from_entries',
  'a wallet equals its last entry': 'from_entries',
  'a wallet that was never written to is empty': 'from_entries',
  'a wallet looks when its next lot is due': 'from_entries',
  'a wallet looks when its next hold is due': 'from_entries',
  'held of a lot is the sum of its holds': 'from_entries',
  'what is rolled up of a quarter hour is the fold of its entries': 'sum_again',
  'what is rolled up for a customer is the fold of the entries that name it': 'sum_again',
  'what is booked of a lot is what is gone of it': 'sum_again',
};

export function remedyOf(rule: string): Remedy {
  return REMEDIES[rule] ?? 'none';
}

/** How all of a wallet's drift can be mended: by nothing, if one of it can not. */
export function remediesOf(rules: readonly string[]): Exclude<Remedy, 'none'>[] {
  const found = new Set(rules.map(remedyOf));
  if (found.has('none')) return [];
  return [...found].filter((one) => one !== 'none');
}
