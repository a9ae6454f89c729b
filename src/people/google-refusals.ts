import { AppError } from '../lib/errors.ts';
import type { GoogleFailure } from './options.ts';

/** One sentence each, which tells nothing about an account to somebody who is not its owner. */
export const GOOGLE_REFUSALS: Readonly<Record<GoogleFailure, AppError>> = {
  denied: new AppError(403, 'google_denied', 'You did not let Google tell us who you are.'),
  state: new AppError(
    400,
    'google_state',
    'What came back from Google was not begun here, or took too long. Begin again.',
  ),
  exchange: new AppError(
    502,
    'google_exchange',
    'Google did not confirm who you are. Begin again in a moment.',
  ),
  unverified: new AppError(
    403,
    'google_unverified',
    'Google has not verified your e-mail address. Verify it there, then begin again.',
  ),
  deactivated: new AppError(403, 'deactivated', 'This account has been deactivated.'),
  other_account: new AppError(
    403,
    'google_other_account',
    'The account with this e-mail address belongs to another Google account.',
  ),
  disconnected: new AppError(
    403,
    'google_disconnected',
    'Google was disconnected from the account with this e-mail address. Sign in another way; the page Security connects it again.',
  ),
  taken: new AppError(
    409,
    'google_taken',
    'This Google account signs in to another account here. Sign in with it and disconnect it there, or choose another one.',
  ),
  another: new AppError(
    409,
    'google_another',
    'Another Google account is connected already. Disconnect it first.',
  ),
  address: new AppError(
    403,
    'google_address',
    'Verify the e-mail address of your account first, then connect Google.',
  ),
};

/** The sentence for a word that came back in an address, if it is one of ours. */
export function googleRefusalOf(word: unknown): string | undefined {
  return typeof word === 'string' && isFailure(word) ? GOOGLE_REFUSALS[word].message : undefined;
}

function isFailure(word: string): word is GoogleFailure {
  return Object.hasOwn(GOOGLE_REFUSALS, word);
}
