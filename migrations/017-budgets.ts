import { type Kysely, sql } from 'kysely';

/** What budgets and prices by use need to be decided under the wallet's lock. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table holds add column quantity bigint not null default 0
      constraint holds_quantity_is_not_negative check (quantity >= 0)`.execute(db);
  await sql`comment on column holds.quantity is
    'what is still held of the quantity, where tiers of the operation count it; else 0'`.execute(
    db,
  );
  await sql`alter table wallets add column has_budgets boolean not null default false`.execute(db);
  await sql`comment on column wallets.has_budgets is
    'whether the wallet''s budgets have to be read: told by the row that is locked, so that wallets without them pay nothing'`.execute(
    db,
  );
  await sql`comment on column counters.quantity is
    'used, for tiers of the operation''s price; counted while its rule has some'`.execute(db);
  await sql`comment on column counters.amount is
    'charged and held, for budgets; counted while the wallet has one'`.execute(db);
  await sql`comment on table ledger_outbox is
    'Thresholds that a wallet crossed, until somebody was told'`.execute(db);
}
