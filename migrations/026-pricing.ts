import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/** Versions of prices are there for good, and quotes lock one of them for a while. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create trigger price_rules_are_never_changed before update or delete or truncate on price_rules
    for each statement execute function refuse_change()`.execute(db);
  await sql`comment on column price_rules.components is
    'what pricing/stored-rules.ts reads; prices in 10^-12 credit per unit, as strings; empty: the rule ends'`.execute(
    db,
  );
  await sql`
    create table quotes (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      operation text not null references operations,
      rule_id uuid not null references price_rules,
      quantity bigint not null constraint quotes_quantity_is_positive check (quantity > 0),
      components jsonb not null default '{}',
      expires_at timestamptz not null,
      used_by text,
      made_by uuid not null,
      created_at timestamptz not null default now(),
      constraint quotes_expire_after_they_are_made check (expires_at > created_at)
    )`.execute(db);
  await sql`create index quotes_by_workspace on quotes (workspace_id, expires_at)`.execute(db);
  await sql`comment on table quotes is
    'Prices that are locked for some minutes; forgotten a day after they expired'`.execute(db);
  await sql`comment on column quotes.quantity is '10^-6 of the unit, at most'`.execute(db);
  await sql`comment on column quotes.components is
    'the same of components that are measured by themselves, as strings by code'`.execute(db);
  await sql`comment on column quotes.used_by is
    'namespace and idempotency key of the one request that is charged by it'`.execute(db);
  await giveAccess(db);
}

const OWN_WALLET = `${OWN_WORKSPACE} and wallet_id in (select w.id from wallets w)`;

/** The app sees and makes those of the workspace that its transaction names. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await fence(db, roles, {
    table: 'quotes',
    seen: OWN_WORKSPACE,
    written: OWN_WALLET,
    forLedger: false,
  });
  if (!roles) return;
  await run('grant select, insert, update, delete on quotes to scrip_app');
  await run('grant select on quotes to scrip_staff');
}
