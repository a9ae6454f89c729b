import { type RawBuilder, sql } from 'kysely';
import type { Db, Trx } from '../../lib/database.ts';
import { HOUR_MILLISECONDS, type HourSeal, exportSeal, numberOfExported } from '../seals.ts';
import type { Violation } from '../verify/scope.ts';
import { type Compared, differenceOf } from './differences.ts';
import { HourHash, nameOfKey } from './hashes.ts';
import { stream } from '../../lib/cursors.ts';
import { walletHours } from './wallet-hours.ts';

/** What is looked at in one go: enough to be fast, little enough to be sorted. */
const HOURS_AT_ONCE = 200;
const ENTRIES_AT_ONCE = 500_000n;
const VIOLATIONS_MAX = 1_000;

/**
 * Proves that the entries of all sealed hours are what they were when they were sealed, and that the
 * hours form a chain, which contains the exported seal if one is given. Reads all sealed entries.
 * @param db the staff role
 * @param keys all that hours were sealed with
 */
export async function verifySeals(
  db: Db,
  keys: readonly string[],
  exported?: string,
): Promise<Violation[]> {
  const keyring = new Map(keys.map((key) => [nameOfKey(key), key]));
  const violations = exported === undefined ? [] : await lacksExported(db, exported);
  let before: HourSeal | undefined;
  for (;;) {
    const hours = await hoursAfter(db, before);
    if (hours.length === 0 || violations.length >= VIOLATIONS_MAX) break;
    const previous = before;
    const found = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => [
        ...(previous === undefined ? await recordedBefore(trx, hours) : []),
        ...(await verifyHours(trx, keyring, hours, previous)),
      ]);
    violations.push(...found);
    before = hours.at(-1);
  }
  return violations.slice(0, VIOLATIONS_MAX);
}

/** The next hours of the chain, up to so many entries, but always one. */
async function hoursAfter(db: Db, before: HourSeal | undefined): Promise<HourSeal[]> {
  const hours = await db
    .selectFrom('hour_seals')
    .selectAll()
    .where('number', '>', before?.number ?? 0n)
    .orderBy('number')
    .limit(HOURS_AT_ONCE)
    .execute();
  let entries = 0n;
  const end = hours.findIndex((one) => (entries += one.entry_count) > ENTRIES_AT_ONCE);
  return end === -1 ? hours : hours.slice(0, Math.max(end, 1));
}

/** A sealed hour, its key, and its hash as it comes together again. */
interface Link {
  seal: HourSeal;
  key: string;
  hash: HourHash;
}

async function verifyHours(
  trx: Trx,
  keyring: ReadonlyMap<string, string>,
  hours: readonly HourSeal[],
  before: HourSeal | undefined,
): Promise<Violation[]> {
  const { links, violations } = chainOf(keyring, hours, before);
  for await (const rows of stream(trx, compared(hours))) {
    for (const row of rows.map(comparedOf)) {
      const link = links.get(row.hour.getTime());
      if (link === undefined) continue;
      if (row.sealed !== undefined) link.hash.add(row.sealed);
      const difference = await differenceOf(trx, link.key, row);
      if (difference === undefined) continue;
      const rule = 'a sealed hour has the entries that it had when it was sealed';
      const detail = `hour ${row.hour.toISOString()}: ${difference}`;
      violations.push({ rule, wallet_id: row.wallet_id, detail });
      if (violations.length >= VIOLATIONS_MAX) return violations;
    }
  }
  for (const { seal, hash } of links.values()) {
    const isSame = hash.wallets === seal.wallet_count && hash.entries === seal.entry_count;
    if (!isSame || !hash.digest().equals(seal.hash)) {
      violations.push(ofHour(seal, 'the seal of an hour is that of its wallets'));
    }
  }
  return violations;
}

/** The hours by their time, and what is wrong with them as a chain. */
function chainOf(
  keyring: ReadonlyMap<string, string>,
  hours: readonly HourSeal[],
  before: HourSeal | undefined,
): { links: Map<number, Link>; violations: Violation[] } {
  const violations: Violation[] = [];
  const links = new Map<number, Link>();
  for (const [index, seal] of hours.entries()) {
    const previous = hours[index - 1] ?? before;
    if (!follows(seal, previous)) {
      violations.push(ofHour(seal, 'sealed hours follow each other without a gap'));
    }
    const key = keyring.get(seal.key_name);
    if (key === undefined) {
      violations.push(ofHour(seal, 'an hour is sealed with a key that SEAL_KEY names'));
      continue;
    }
    const hash = new HourHash(key, { ...seal, previous: previous?.hash });
    links.set(seal.hour.getTime(), { seal, key, hash });
  }
  return { links, violations };
}

function follows(seal: HourSeal, previous: HourSeal | undefined): boolean {
  if (previous === undefined) return seal.number === 1n;
  const step = seal.hour.getTime() - previous.hour.getTime();
  return seal.number === previous.number + 1n && step === HOUR_MILLISECONDS;
}

function ofHour(seal: HourSeal, rule: string): Violation {
  return { rule, wallet_id: null, detail: `hour ${seal.hour.toISOString()}, seal ${seal.number}` };
}

interface ComparedRow {
  hour: Date;
  wallet_id: string;
  first_seq: bigint | null;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  digest: string;
  sealed_first_seq: bigint | null;
  sealed_last_seq: bigint;
  sealed_entry_count: bigint;
  sealed_amount: string;
  hash: Buffer;
}

/** The entries of these hours as they are now beside what was sealed of them. */
function compared(hours: readonly HourSeal[]): RawBuilder<ComparedRow> {
  const times = hours.map((one) => one.hour.getTime());
  const from = new Date(Math.min(...times));
  const until = new Date(Math.max(...times) + HOUR_MILLISECONDS);
  return sql`
    select hour, wallet_id, e.first_seq, e.last_seq, e.entry_count, e.amount, e.digest,
      s.first_seq as sealed_first_seq, s.last_seq as sealed_last_seq,
      s.entry_count as sealed_entry_count, s.amount::text as sealed_amount, s.hash
    from (${walletHours(from, until)}) e full join (
      select * from wallet_seals where hour >= ${from} and hour < ${until}
    ) s using (hour, wallet_id)
    order by hour, wallet_id`;
}

function comparedOf(row: ComparedRow): Compared {
  const { hour, wallet_id, first_seq, sealed_first_seq } = row;
  const { last_seq, entry_count, amount, digest } = row;
  const { sealed_last_seq, sealed_entry_count, sealed_amount, hash } = row;
  return {
    hour,
    wallet_id,
    found:
      first_seq === null
        ? undefined
        : { hour, wallet_id, first_seq, last_seq, entry_count, amount, digest },
    sealed:
      sealed_first_seq === null
        ? undefined
        : {
            first_seq: sealed_first_seq,
            last_seq: sealed_last_seq,
            entry_count: sealed_entry_count,
            amount: sealed_amount,
            hash,
          },
  };
}

async function lacksExported(db: Db, exported: string): Promise<Violation[]> {
  const number = numberOfExported(exported);
  if (number === undefined) {
    throw new Error('This is not a seal as `npm run cli -- seals --export` writes it.');
  }
  const seal = await db
    .selectFrom('hour_seals')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirst();
  if (seal !== undefined && exportSeal(seal) === exported) return [];
  return [{ rule: 'the chain has the exported seal', wallet_id: null, detail: `seal ${number}` }];
}

/** Entries that claim to have been recorded before all that was sealed. */
async function recordedBefore(trx: Trx, hours: readonly HourSeal[]): Promise<Violation[]> {
  const [first] = hours;
  if (first === undefined) return [];
  const found = await sql<Violation>`
    select 'no entry was recorded before the first sealed hour' as rule, wallet_id,
      'entry ' || seq as detail
    from entries where recorded_at < ${first.hour} limit ${VIOLATIONS_MAX}`.execute(trx);
  return found.rows;
}
