import { z } from 'zod';
import { timeZoneNamed } from '../core/time-zones.ts';
import { isCommonPassword } from './common-passwords.ts';

export const PASSWORD_MIN = 10;
export const PASSWORD_BYTES_MAX = 4096;
export const NAME_MAX = 100;
const EMAIL_MAX = 254;

/** An address as somebody typed it, tidied: the case stays, for that is how it is written to. */
export const emailField = z
  .string('Enter your e-mail address.')
  .transform((text) => text.normalize('NFKC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Enter your e-mail address.')
      .max(EMAIL_MAX, `An e-mail address has at most ${EMAIL_MAX} characters.`)
      .pipe(z.email('This is not an e-mail address, such as name@example.com.')),
  );

/** A name on one line, with nothing in it that only deceives. The sentence asks for it. */
export function nameFieldWith(sentence: string) {
  return (
    z
      .string(sentence)
      .trim()
      .min(1, sentence)
      .max(NAME_MAX, `A name has at most ${NAME_MAX} characters.`)
      .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'A name has no line breaks or other control characters.')
      // Zero-width joiners are part of names in some scripts; other characters of format only deceive.
      .regex(/^(?:[\u200c\u200d]|\P{Cf})*$/u, 'A name has no invisible characters.')
      .regex(/[\p{L}\p{N}\p{S}\p{P}]/u, sentence)
  );
}

export const nameField = nameFieldWith('Enter your name.');

/** A password that fits or not: taken as it was typed, for nothing but its length. */
export const passwordField = z
  .string('Enter your password.')
  .min(1, 'Enter your password.')
  .refine(isNotTooLong, `A password has at most ${PASSWORD_BYTES_MAX} bytes.`);

/** A password to be set. No rules of composition: length and not being on the lists is what helps. */
export const newPasswordField = z
  .string('Choose a password.')
  .min(1, 'Choose a password.')
  .refine(
    (text) => Array.from(text).length >= PASSWORD_MIN,
    `Choose a password of ${PASSWORD_MIN} characters or more.`,
  )
  .refine(isNotTooLong, `A password has at most ${PASSWORD_BYTES_MAX} bytes.`)
  .refine((text) => !isCommonPassword(text), 'This password is one of the first that are tried.');

/** Where to go afterwards: read with `localPath`, which takes anything. */
const nextField = z.unknown().optional();

/** A new password, and what it must not be. */
export const notTheAddress = (password: string, email: string): boolean =>
  normalizeEmail(password) !== normalizeEmail(email);

export const signOutForm = z.object({ next: nextField });

export const signInForm = z.object({
  email: emailField,
  password: passwordField,
  next: nextField,
});

/** Said by a script and not by a person: what is no zone is left out. */
const deviceZoneField = z
  .unknown()
  .transform((name) => (typeof name === 'string' ? timeZoneNamed(name) : undefined))
  .optional();

export const signUpForm = z
  .object({
    name: nameField,
    email: emailField,
    password: newPasswordField,
    next: nextField,
    time_zone: deviceZoneField,
  })
  .refine((form) => notTheAddress(form.password, form.email), {
    path: ['password'],
    error: 'Choose a password that is not your e-mail address.',
  });

/** What decides whether two addresses are one person's. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

function isNotTooLong(text: string): boolean {
  return Buffer.byteLength(text) <= PASSWORD_BYTES_MAX;
}
