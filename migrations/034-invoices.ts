import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * Who sells, who buys, and what was invoiced: numbers without a gap in each series, and rows that
 * are never changed. A payment by bank transfer keeps what the bank said of it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await parties(db);
  await invoices(db);
  await sql`
    alter table payments
      add column bank_reference text
        constraint payments_bank_reference_is_of_a_transfer check (bank_reference is null or provider = 'transfer'),
      add column bank_received_on text
        constraint payments_bank_received_on_is_a_day check (bank_received_on ~ '^\d{4}-\d{2}-\d{2}$'),
      add constraint payments_bank_says_reference_and_day_together
        check ((bank_reference is null) = (bank_received_on is null))`.execute(db);
  await sql`comment on column payments.bank_reference is
    'under which the bank lists the money of a transfer, as staff read it there'`.execute(db);
  await giveAccess(db);
}

async function parties(db: Kysely<never>): Promise<void> {
  await sql`
    create table seller_details (
      singleton boolean primary key default true constraint seller_details_are_of_one_seller check (singleton),
      details jsonb not null,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table seller_details is
    'The seller as the settings of the running program say, for whoever issues an invoice'`.execute(
    db,
  );
  await sql`
    create table billing_details (
      workspace_id uuid primary key references workspaces,
      legal_name text not null constraint billing_details_name_is_not_empty check (legal_name <> ''),
      address text not null,
      country text not null constraint billing_details_country_is_iso_3166 check (country ~ '^[A-Z]{2}$'),
      tax_id text,
      tax_id_kind text constraint billing_details_tax_id_kind_is_known
        check (tax_id_kind in ('gstin', 'eu_vat', 'other')),
      updated_at timestamptz not null default now(),
      constraint billing_details_say_the_kind_of_a_tax_id check ((tax_id is null) = (tax_id_kind is null))
    )`.execute(db);
  await sql`comment on column billing_details.address is 'lines, as they stand on a letter'`.execute(
    db,
  );
}

async function invoices(db: Kysely<never>): Promise<void> {
  await sql`
    create table invoice_counters (
      series text primary key,
      last_number integer not null constraint invoice_counters_begin_at_one check (last_number >= 1)
    )`.execute(db);
  await sql`comment on table invoice_counters is
    'A number is taken in the transaction that writes its invoice: one that is undone leaves no gap'`.execute(
    db,
  );
  await sql`
    create table invoices (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      payment_id uuid not null references payments constraint invoices_are_one_a_payment unique,
      kind text not null constraint invoices_kind_is_known check (kind in ('invoice', 'credit_note')),
      corrects_id uuid references invoices,
      series text not null references invoice_counters,
      number_in_series integer not null,
      number text not null constraint invoices_number_is_unique unique,
      livemode boolean not null,
      issued_at timestamptz not null,
      seller jsonb not null,
      buyer jsonb not null,
      lines jsonb not null,
      subtotal_minor bigint not null constraint invoices_subtotal_is_not_negative check (subtotal_minor >= 0),
      discount_minor bigint not null constraint invoices_discount_is_not_negative check (discount_minor >= 0),
      tax_minor bigint not null constraint invoices_tax_is_not_negative check (tax_minor >= 0),
      total_minor bigint not null constraint invoices_total_is_not_negative check (total_minor >= 0),
      currency text not null constraint invoices_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      constraint invoices_number_once_in_a_series unique (series, number_in_series),
      constraint invoices_add_up check (total_minor = subtotal_minor - discount_minor + tax_minor),
      constraint invoices_credit_notes_correct_an_invoice
        check ((kind = 'credit_note') = (corrects_id is not null))
    )`.execute(db);
  await sql`create index invoices_corrections on invoices (corrects_id) where corrects_id is not null`.execute(
    db,
  );
  await sql`comment on column invoices.payment_id is
    'the purchase, or of a credit note the refund'`.execute(db);
  await sql`comment on column invoices.buyer is 'as they stood when it was issued, as the seller'`.execute(
    db,
  );
  await sql`
    create trigger invoices_are_never_changed before update or delete or truncate on invoices
      for each statement execute function refuse_change()`.execute(db);
}

/** The app sees the details and invoices of its workspace, staff see all. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of ['billing_details', 'invoices']) {
    await fence(db, roles, { table, seen: OWN_WORKSPACE, forLedger: false });
  }
  if (!roles) return;
  await run(
    `grant select, insert, update on billing_details, seller_details, invoice_counters to scrip_app`,
  );
  await run(`grant select, insert on invoices to scrip_app`);
  await run(
    `grant select on billing_details, seller_details, invoice_counters, invoices to scrip_staff`,
  );
}
