import { Secret, TOTP } from 'otpauth';
import { encode } from 'uqr';
import type { Db, Trx } from '../../lib/database.ts';
import { SecretBox } from '../../lib/secret-box.ts';

const PERIOD_SECONDS = 30;
/** A phone's clock may be off by so many periods. */
const WINDOW = 1;
/** As RFC 4226 recommends. */
const SECRET_BYTES = 20;

/** Where the secrets of codes are kept: the database does not know their key. */
export function totpBox(keys: readonly string[]): SecretBox {
  return new SecretBox(keys, 'totp');
}

/** A secret that nobody uses yet, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an app takes a secret from: a link, and the same as a QR code, drawn as the path of an SVG. */
export function totpPicture(
  secret: string,
  who: { issuer: string; email: string },
): { uri: string; size: number; path: string } {
  const uri = totpOf(secret, who).toString();
  const { data, size } = encode(uri, { border: 2 });
  const rows = data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')));
  return { uri, size, path: rows.flat().join('') };
}

/** The step of 30 seconds since 1970 that a code is of; undefined when it is of none about now. */
export function stepOfCode(secret: string, code: string, at = Date.now()): bigint | undefined {
  const delta = totpOf(secret).validate({ token: code, window: WINDOW, timestamp: at });
  return delta === null ? undefined : BigInt(Math.floor(at / 1_000 / PERIOD_SECONDS) + delta);
}

/** Whether a person is asked for a code at sign-in. */
export async function hasTotp(db: Db, personId: string): Promise<boolean> {
  const row = await db
    .selectFrom('totp_secrets')
    .select('person_id')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Takes a code, once: the same one, or one from before it, is never good again. One update does both,
 * so that of two at the same instant one is taken. What was sealed by an older secret is sealed anew.
 */
export async function takeTotpCode(
  trx: Trx,
  box: SecretBox,
  personId: string,
  code: string,
): Promise<boolean> {
  const row = await trx
    .selectFrom('totp_secrets')
    .select('sealed')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  const secret = row && box.open(row.sealed, personId);
  if (secret === undefined) return false;
  const step = stepOfCode(secret, code);
  if (step === undefined) return false;
  const renewed = box.isOutdated(row?.sealed ?? '', personId)
    ? { sealed: box.seal(secret, personId) }
    : {};
  const taken = await trx
    .updateTable('totp_secrets')
    .set({ last_step: step, ...renewed })
    .where('person_id', '=', personId)
    .where('last_step', '<', step)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

function totpOf(secret: string, who?: { issuer: string; email: string }): TOTP {
  return new TOTP({
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    ...(who === undefined ? {} : { issuer: who.issuer, label: who.email }),
  });
}
