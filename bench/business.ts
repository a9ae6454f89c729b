import { keepBooks } from '../src/ledger/bookkeeping.ts';
import { connect } from '../src/lib/database.ts';
import type { Postgres } from './postgres.ts';

/*
 * What a seller has beside the ledger of many customers: people, payments, changes. Half of the
 * customers are people who signed up, the others were named by a product.
 */

const FIRST_NAMES = `array['Ada', 'Grace', 'Katherine', 'Hedy', 'Radia', 'Barbara', 'Frances',
  'Annie', 'Evelyn', 'Mary', 'Joan', 'Karen', 'Shafi', 'Adele', 'Sophie', 'Margaret', 'Jean']`;
const LAST_NAMES = `array['Byron', 'Hopper', 'Johnson', 'Lamarr', 'Perlman', 'Liskov', 'Allen',
  'Easley', 'Boyd', 'Jackson', 'Clarke', 'Jones', 'Goldwasser', 'Goldberg', 'Wilson', 'Hamilton']`;
const ACTIONS = `array['person.signed_in', 'workspace.renamed', 'api_key.created', 'member.invited',
  'payment.completed']`;
const PAYMENTS_EACH = 2;
const CHANGES_EACH = 5;

/** After the customers themselves: see loadCustomers. */
export async function loadBusiness({ query, url }: Postgres): Promise<void> {
  for (const statement of [
    ...[WHO, PEOPLE, WORKSPACES, MEMBERSHIPS, PAYMENTS, LOTS, FROZEN, CHANGES],
    'analyze',
  ])
    await query(statement);
  const connections = await connect({ url, poolMax: 2, onError: () => undefined });
  try {
    await keepBooks(connections.ledgerJobs, 'UTC');
  } finally {
    await connections.close();
  }
}

/** Over 400 days, the first customer first. */
const WHO = `
  create table bench.people as
  select number, workspace_id, wallet_id, uuidv7() as person_id, first || ' ' || last as name,
    lower(first || '.' || last) || '.' || number || '@example.com' as email,
    now() - interval '400 days' * (1 - number::float8 / (select count(*) from bench.customers))
      as since
  from bench.customers, lateral (
    select (${FIRST_NAMES})[number % 17 + 1] as first, (${LAST_NAMES})[number % 16 + 1] as last) named;
  alter table bench.people add primary key (number);
  analyze bench.people`;

const PEOPLE = `
  insert into people (id, email, email_normalized, name, email_verified_at, created_at)
  select person_id, email, email, name, since, since from bench.people where number % 2 = 0`;

const WORKSPACES = `
  update workspaces w set name = p.name, created_at = p.since,
    kind = case when p.number % 2 = 0 then 'personal' else 'external' end,
    external_id = case when p.number % 2 = 0 then null else w.external_id end,
    email = case when p.number % 2 = 0 then null else p.email end
  from bench.people p where p.workspace_id = w.id`;

const MEMBERSHIPS = `
  insert into memberships (workspace_id, person_id, role)
  select workspace_id, person_id, 'owner' from bench.people where number % 2 = 0`;

/** One in fifty failed; the ids say when, as those that the program makes. */
const PAYMENTS = `
  insert into payments (id, workspace_id, wallet_id, person_id, order_key, type, status, provider,
    livemode, subtotal_minor, total_minor, currency, catalogue, checkout_session_id,
    payment_intent_id, created_at, completed_at)
  select id, workspace_id, wallet_id, case when number % 2 = 0 then person_id end, 'bench ' || nth,
    'credit_purchase', case when failed then 'failed' else 'completed' end, 'simulated', true,
    4500, 4500, 'USD', jsonb_build_object('name', 'Professional', 'credits_micro', '500000000'),
    'cs_' || number || '_' || nth, 'pi_' || number || '_' || nth, at,
    case when not failed then at end
  from bench.people, generate_series(1, ${PAYMENTS_EACH}) nth, lateral (
    select since + (now() - since) * (nth - 1)::float8 / ${PAYMENTS_EACH} as at,
      (number * ${PAYMENTS_EACH} + nth) % 50 = 0 as failed) ordered,
    lateral (select uuidv7(at - now()) as id) named`;

/** Half of the customers have bought what they have. */
const LOTS = `
  update lots l set source = 'purchase', priority = 30, cost_minor = 4500, currency = 'USD'
  from bench.people p where p.wallet_id = l.wallet_id and p.number % 2 = 0`;

const FROZEN = `
  update wallets w set frozen_at = now(), frozen_reason = 'Under review'
  from bench.people p where p.wallet_id = w.id and p.number % 1000 = 0`;

const CHANGES = `
  insert into audit_events (id, workspace_id, actor_kind, actor_id, action, subject_kind, subject_id,
    before, after, ip, at)
  select uuidv7(at - now()), workspace_id, 'person', person_id, (${ACTIONS})[nth], 'workspace',
    workspace_id, '{"name": "Before"}', jsonb_build_object('name', name), '203.0.113.7', at
  from bench.people, generate_series(1, ${CHANGES_EACH}) nth, lateral (
    select since + (now() - since) * (nth - 1)::float8 / ${CHANGES_EACH} as at) done`;
