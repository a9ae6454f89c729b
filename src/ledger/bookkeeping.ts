import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import {
  COLUMNS_OF_LOTS,
  KEPT_OF_LOTS,
  type Span,
  costsOfLots,
  legsOf,
  movesOfLots,
} from './bookkeeping/fold.ts';
import { recordedUntil } from './recording.ts';

/** What is done in one transaction: enough to be fast, little enough to be over soon. */
const WALLETS_AT_ONCE = 1_000;
const ENTRIES_AT_ONCE = 200_000n;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface Target {
  wallet_id: string;
  upto_seq: bigint;
}

/**
 * Books what was recorded since the last time, at first everything: by the days of a zone, what became
 * of the credits of live wallets and of what they cost. Each entry is booked once, however often this
 * runs; with another zone the books begin anew.
 * @param db the ledger's role, without a time-out
 */
export async function keepBooks(db: Db, zone: string): Promise<void> {
  const until = await recordedUntil(db);
  if (until === undefined) return;
  const done_until = await db.transaction().execute((trx) => beginIn(trx, zone));
  if (done_until === null) await bookAll(db, zone);
  else if (done_until < until)
    await bookUpTo(db, await changedBetween(db, done_until, until), zone);
  await sql`update bookkeeping set done_until = greatest(done_until, ${until})
    where time_zone = ${zone}`.execute(db);
}

/** Throws the books away: the next run makes them from all entries. */
export async function beginBooksAnew(trx: Trx): Promise<void> {
  await sql`update bookkeeping set time_zone = null, done_until = null`.execute(trx);
}

async function beginIn(trx: Trx, zone: string): Promise<Date | null> {
  const { rows } = await sql<{ time_zone: string | null; done_until: Date | null }>`
    select time_zone, done_until from bookkeeping for update`.execute(trx);
  const [row] = rows;
  if (row?.time_zone === zone) return row.done_until;
  for (const table of [
    'booked_wallets',
    'booked_lots',
    'booked_credits',
    'booked_money',
    'booked_activity',
  ]) {
    await sql`delete from ${sql.table(table)}`.execute(trx);
  }
  await sql`update bookkeeping set time_zone = ${zone}, done_until = null`.execute(trx);
  return null;
}

async function bookAll(db: Db, zone: string): Promise<void> {
  let after = FIRST_ID;
  for (;;) {
    const { rows } = await sql<Target>`
      select id as wallet_id, last_seq as upto_seq from wallets where id > ${after} and livemode
      order by id limit ${WALLETS_AT_ONCE}`.execute(db);
    await bookUpTo(db, rows, zone);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.wallet_id;
  }
}

async function changedBetween(db: Db, from: Date, until: Date): Promise<Target[]> {
  const { rows } = await sql<Target>`
    select e.wallet_id, max(e.seq) as upto_seq from entries e
    join wallets w on w.id = e.wallet_id and w.livemode
    where e.recorded_at >= ${from} and e.recorded_at < ${until}
    group by e.wallet_id order by e.wallet_id`.execute(db);
  return rows;
}

async function bookUpTo(db: Db, targets: readonly Target[], zone: string): Promise<void> {
  for (let index = 0; index < targets.length; index += WALLETS_AT_ONCE) {
    const some = targets.slice(index, index + WALLETS_AT_ONCE);
    const next = () => db.transaction().execute((trx) => bookSome(trx, some, zone));
    while (!(await next()));
  }
}

/** @returns whether all of it is done: else there is more than one transaction should do */
async function bookSome(trx: Trx, targets: readonly Target[], zone: string): Promise<boolean> {
  // One after the other: all add to the same days. Another one may have begun the books anew.
  const { rows } = await sql`
    select from bookkeeping where time_zone = ${zone} for update`.execute(trx);
  if (rows.length === 0) throw new Error('the books are kept in another time zone now');
  const ids = targets.map((one) => one.wallet_id);
  const pending = await sql<Span>`
    select t.wallet_id, coalesce(b.last_seq, 0) as after_seq, t.upto_seq
    from unnest(${ids}::uuid[], ${targets.map((one) => one.upto_seq)}::int8[])
      as t(wallet_id, upto_seq)
    left join booked_wallets b on b.wallet_id = t.wallet_id
    where t.upto_seq > coalesce(b.last_seq, 0) order by t.wallet_id`.execute(trx);
  const { some, isAll } = asManyAsFit(pending.rows);
  if (some.length > 0) await book(trx, some, zone);
  return isAll;
}

function asManyAsFit(spans: readonly Span[]): { some: Span[]; isAll: boolean } {
  const some: Span[] = [];
  let room = ENTRIES_AT_ONCE;
  for (const span of spans) {
    const count = span.upto_seq - span.after_seq;
    if (count > room) {
      if (room > 0n) some.push({ ...span, upto_seq: span.after_seq + room });
      return { some, isAll: false };
    }
    some.push(span);
    room -= count;
  }
  return { some, isAll: true };
}

async function book(trx: Trx, spans: readonly Span[], zone: string): Promise<void> {
  await sql`set local jit = off`.execute(trx);
  await sql`
    with ${legsOf(spans, zone)}, move as materialized (${movesOfLots()}), ${costsOfLots()},
    lots_kept as (
      insert into booked_lots (wallet_id, lot_number, ${COLUMNS_OF_LOTS})
      select distinct on (wallet_id, lot) wallet_id, lot, ${COLUMNS_OF_LOTS}
      from state order by wallet_id, lot, day desc
      on conflict (wallet_id, lot_number) do update set ${KEPT_OF_LOTS}
    ), credits_kept as (
      insert into booked_credits (day, kind, source, paid, moved_from, moved_to, amount)
      select day, kind, source, paid, moved_from, moved_to, sum(amount) from leg
      group by day, kind, source, paid, moved_from, moved_to
      on conflict (day, kind, source, paid, moved_from, moved_to)
        do update set amount = booked_credits.amount + excluded.amount
    ), came as (
      select leg.day, l.currency, leg.kind, l.cost_minor
      from leg join lots l on l.wallet_id = leg.wallet_id and l.number = leg.lot
      where leg.paid and leg.moved_from = 'w'
    ), money_kept as (
      insert into booked_money (day, currency, sold_minor, transferred_minor, used_minor,
        expired_minor, returned_minor, corrected_minor)
      select day, currency, sum(sold), sum(transferred), sum(used), sum(expired), sum(returned),
        sum(corrected)
      from (
        select day, currency, 0 as sold, -sent_minor as transferred, used_minor as used,
          expired_minor as expired, returned_minor as returned, corrected_minor as corrected
        from costed
        union all
        select day, currency, case when kind = 'transfer_in' then 0 else cost_minor end,
          case when kind = 'transfer_in' then cost_minor else 0 end, 0, 0, 0, 0
        from came
      ) moved
      group by day, currency
      on conflict (day, currency) do update set
        sold_minor = booked_money.sold_minor + excluded.sold_minor,
        transferred_minor = booked_money.transferred_minor + excluded.transferred_minor,
        used_minor = booked_money.used_minor + excluded.used_minor,
        expired_minor = booked_money.expired_minor + excluded.expired_minor,
        returned_minor = booked_money.returned_minor + excluded.returned_minor,
        corrected_minor = booked_money.corrected_minor + excluded.corrected_minor
    ), activity_kept as (
      insert into booked_activity (day, wallet_id)
      select distinct day, wallet_id from entry where kind in ('debit', 'capture')
      on conflict (day, wallet_id) do nothing
    )
    insert into booked_wallets (wallet_id, last_seq)
    select t.wallet_id, t.upto_seq
    from unnest(${spans.map((one) => one.wallet_id)}::uuid[],
      ${spans.map((one) => one.upto_seq)}::int8[]) as t(wallet_id, upto_seq)
    on conflict (wallet_id) do update set last_seq = excluded.last_seq`.execute(trx);
}
