import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { firstRecordedAt, recordedUntil } from './recording.ts';
import { HourHash, type WalletHour, nameOfKey, walletHash } from './seals/hashes.ts';
import { stream } from '../lib/cursors.ts';
import { walletHours } from './seals/wallet-hours.ts';

export const HOUR_MILLISECONDS = 3_600_000;
/** A run ends sooner or later; what it leaves is done by the next one. */
const HOURS_MAX = 200;

/** An hour of the chain. */
export interface HourSeal {
  number: bigint;
  hour: Date;
  wallet_count: bigint;
  entry_count: bigint;
  key_name: string;
  hash: Buffer;
}

/**
 * Seals the hours that are closed and not sealed yet, empty ones too, the oldest first: a hash with
 * the key over the entries of each wallet, and one over these and the hour before. Whoever changes
 * an entry later needs the key to hide it. Several at once are safe: one does it.
 * @param db the ledger's role, without a time-out
 * @returns how many hours were sealed
 */
export async function sealClosedHours(db: Db, key: string, hoursMax = HOURS_MAX): Promise<number> {
  const until = await recordedUntil(db);
  if (until === undefined) return 0;
  for (let sealed = 0; sealed < hoursMax; sealed++) {
    const isSealed = await db.transaction().execute((trx) => sealNextHour(trx, key, until));
    if (!isSealed) return sealed;
  }
  return hoursMax;
}

/** The newest hour of the chain, on which all others hang. */
export async function lastSeal(db: Db): Promise<HourSeal | undefined> {
  return db
    .selectFrom('hour_seals')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

const EXPORTED = /^scrip-seal:(\d+):([^:]+:[^:]+:[^:]+):([0-9a-f]{64})$/;

/** A seal to be kept elsewhere: the chain must contain it for ever. */
export function exportSeal({
  number,
  hour,
  hash,
}: Pick<HourSeal, 'number' | 'hour' | 'hash'>): string {
  return `scrip-seal:${number}:${hour.toISOString()}:${hash.toString('hex')}`;
}

/** The number of an exported seal; undefined when it is none. */
export function numberOfExported(text: string): bigint | undefined {
  const number = EXPORTED.exec(text)?.[1];
  return number === undefined ? undefined : BigInt(number);
}

async function sealNextHour(trx: Trx, key: string, until: Date): Promise<boolean> {
  const lock = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('scrip: seal the ledger')) as free`.execute(trx);
  if (lock.rows[0]?.free !== true) return false;
  const last = await lastSeal(trx);
  const hour = await hourAfter(trx, last);
  if (hour === undefined) return false;
  const end = new Date(hour.getTime() + HOUR_MILLISECONDS);
  if (end > until) return false;
  const next = { number: (last?.number ?? 0n) + 1n, hour, previous: last?.hash };
  const chain = new HourHash(key, next);
  const query = sql`${walletHours(hour, end)} order by wallet_id`.$castTo<WalletHour>();
  for await (const wallets of stream(trx, query)) {
    const sealed = wallets.map((one) => ({ ...one, hash: walletHash(key, one) }));
    for (const one of sealed) chain.add(one);
    await storeWallets(trx, sealed);
  }
  await trx
    .insertInto('hour_seals')
    .values({
      number: next.number,
      hour,
      wallet_count: chain.wallets,
      entry_count: chain.entries,
      key_name: nameOfKey(key),
      hash: chain.digest(),
    })
    .execute();
  return true;
}

async function hourAfter(trx: Trx, last: HourSeal | undefined): Promise<Date | undefined> {
  if (last !== undefined) return new Date(last.hour.getTime() + HOUR_MILLISECONDS);
  const first = await firstRecordedAt(trx);
  if (first === undefined) return undefined;
  return new Date(Math.floor(first.getTime() / HOUR_MILLISECONDS) * HOUR_MILLISECONDS);
}

async function storeWallets(
  trx: Trx,
  sealed: readonly (WalletHour & { hash: Buffer })[],
): Promise<void> {
  await sql`
    insert into wallet_seals (hour, wallet_id, first_seq, last_seq, entry_count, amount, hash)
    select * from unnest(
      ${sealed.map((one) => one.hour)}::timestamptz[], ${sealed.map((one) => one.wallet_id)}::uuid[],
      ${sealed.map((one) => one.first_seq)}::int8[], ${sealed.map((one) => one.last_seq)}::int8[],
      ${sealed.map((one) => one.entry_count)}::int8[], ${sealed.map((one) => one.amount)}::numeric[],
      ${sealed.map((one) => one.hash)}::bytea[])`.execute(trx);
}
