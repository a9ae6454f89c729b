import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Random characters as Stripe's ids have them: letters and digits only. */
export function randomCharacters(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** Random digits, for references of banks. */
export function randomDigits(length: number): string {
  return Array.from({ length }, () => String(randomInt(10))).join('');
}

const LENGTHS = {
  ch: 24,
  cs_test: 60,
  cus: 14,
  dp: 24,
  bps: 24,
  evt: 24,
  ii: 24,
  il: 24,
  in: 24,
  inpay: 24,
  li: 24,
  pi: 24,
  pm: 24,
  price: 24,
  prod: 14,
  re: 24,
  req: 14,
  seti: 24,
  si: 14,
  sub: 24,
  txi: 24,
  we: 24,
} as const;

/** A new id of one kind, for example `cs_test_…` or `evt_…`. */
export function newId(kind: keyof typeof LENGTHS): string {
  return `${kind}_${randomCharacters(LENGTHS[kind])}`;
}

/** The id of what a field refers to, expanded or not; an empty string when it refers to nothing. */
export function idOf(reference: string | { id: string } | null | undefined): string {
  return typeof reference === 'string' ? reference : (reference?.id ?? '');
}
