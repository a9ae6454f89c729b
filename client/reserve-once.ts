import type { Reservation } from './charge.ts';
import { ScripError } from './problems.ts';

/** After so many tries that failed, a request wants a key of its own. */
const TRIES_MAX = 10;

/** What comes from outside is to leave room for what is put before it. */
const KEY = /^[\x20-\x7e]{1,200}$/;

/**
 * Reserves credits for a request that may be asked again with the same key. While the first one is
 * served, and once it was charged, another is refused: it would be work that nobody pays for. When
 * the first one failed, or its process died and its hold has lapsed, the next one is a try of its own.
 * @param named the key that the request brings; undefined when it brings none and is one of a kind
 * @throws ScripError 409 `request_in_progress` or `already_charged`, 400 `idempotency_key_invalid`
 */
export async function reserveOnce(
  named: string | undefined,
  reserve: (key: string) => Promise<Reservation>,
): Promise<Reservation> {
  if (named === undefined) return reserve(`charge ${crypto.randomUUID()}`);
  if (!KEY.test(named)) throw invalidKey();
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const reservation = await reserve(`charge ${tries} ${named}`);
    if (!reservation.replayed) return reservation;
    if (reservation.open) throw inProgress();
    if (reservation.captured) throw alreadyCharged();
  }
  throw failedTooOften();
}

function invalidKey(): ScripError {
  const detail = 'Idempotency-Key has 1 to 200 printable ASCII characters. Nothing was charged.';
  return new ScripError({ status: 400, code: 'idempotency_key_invalid', detail });
}

function inProgress(): ScripError {
  const detail = 'A request with this key is being served. Ask again when it is over.';
  return new ScripError({
    status: 409,
    code: 'request_in_progress',
    detail,
    retry_after_seconds: 5,
  });
}

function alreadyCharged(): ScripError {
  const detail = 'A request with this key was served and charged before. Nothing was charged now.';
  return new ScripError({ status: 409, code: 'already_charged', detail });
}

function failedTooOften(): ScripError {
  const detail = 'Requests with this key have failed too often. Send it again with another key.';
  return new ScripError({ status: 409, code: 'failed_too_often', detail });
}
