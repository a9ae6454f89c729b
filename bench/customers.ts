import type { Postgres } from './postgres.ts';

/*
 * Wallets with lots and entries, written by SQL as the ledger would have written them: the checker
 * accepts them. Rows stand as they would after years of use, the entries of all wallets mixed.
 */

const PRICE_MICRO = 100_000n;
export const DAYS = 90;

export interface Customers {
  count: number;
  /** Lots of each wallet, a grant each. */
  lots: number;
  granted_micro: bigint;
  /** Debits of customer 1, and of each other one. */
  debits_first: number;
  debits_each: number;
}

/** Makes the customers `customer-1` to `customer-<count>`. */
export async function loadCustomers(postgres: Postgres, customers: Customers): Promise<void> {
  const { query } = postgres;
  await query(customersOf(customers));
  await query(WORKSPACES);
  await query(walletsOf(customers));
  await query(lotsOf(customers));
  await query(grantsOf(customers));
  await loadDebits(postgres, customers);
  await query('vacuum analyze');
}

/** A customer that was made, with what was loaded of it. */
export interface Customer {
  external_id: string;
  workspace_id: string;
  wallet_id: string;
  entries: number;
}

export async function customersIn({ query }: Postgres): Promise<Customer[]> {
  return query<Customer>(
    `select c.external_id, c.workspace_id, c.wallet_id, w.last_seq::float8 as entries
     from bench.customers c join wallets w on w.id = c.wallet_id order by c.number`,
  );
}

/** Who gets what: kept for the benchmark to look up, and for the statements below. */
const customersOf = ({ count, debits_first, debits_each }: Customers): string => `
  create schema if not exists bench;
  create table bench.customers as
  select number, 'customer-' || number as external_id, uuidv7() as workspace_id, uuidv7() as wallet_id,
    case when number = 1 then ${debits_first} else ${debits_each} end::bigint as debits,
    now() - interval '${DAYS} days' as begins_at
  from generate_series(1, ${count}) number;
  alter table bench.customers add primary key (number);
  analyze bench.customers`;

const WORKSPACES = `
  insert into workspaces (id, kind, name, slug, external_id)
  select workspace_id, 'external', external_id, workspace_id, external_id from bench.customers`;

const walletsOf = ({ lots, granted_micro }: Customers): string => `
  insert into wallets (id, workspace_id, livemode, available, last_seq, last_lot, last_at)
  select wallet_id, workspace_id, true, ${granted_micro * BigInt(lots)} - debits * ${PRICE_MICRO},
    ${lots} + debits, ${lots}, ${atOf(`${lots} + debits`)}
  from bench.customers
  union all
  select uuidv7(), workspace_id, false, 0, 0, 0, '2000-01-01T00:00:00Z' from bench.customers`;

/** Promotional, plan and purchase in turn; all debits came from the first, which burns first. */
const lotsOf = ({ lots, granted_micro }: Customers): string => `
  insert into lots (wallet_id, number, workspace_id, entry_seq, source, priority, granted_at, granted,
    available, consumed)
  select wallet_id, lot, workspace_id, lot, (array['promo', 'plan', 'purchase'])[lot],
    (array[10, 20, 30])[lot], ${atOf('lot')}, ${granted_micro}, ${granted_micro} - spent, spent
  from bench.customers, generate_series(1, ${lots}) lot,
    lateral (select case when lot = 1 then debits * ${PRICE_MICRO} else 0 end as spent)`;

const grantsOf = ({ lots, granted_micro }: Customers): string => `
  insert into entries (wallet_id, workspace_id, seq, kind, amount, leg_lots, leg_from, leg_to,
    leg_amounts, available_after, held_after, debt_after, namespace, key, key_hash, content_hash,
    actor_kind, at, recorded_at)
  select wallet_id, workspace_id, lot, 'grant', ${granted_micro}, array[lot], '{w}', '{a}',
    array[${granted_micro}], ${granted_micro} * lot, 0, 0, 'bench', 'grant ' || lot,
    ${hashOf(`'bench'`, `'grant ' || lot`)}, ${hashOf(`'a grant'`)}, 'system', ${atOf('lot')}, ${atOf('lot')}
  from bench.customers, generate_series(1, ${lots}) lot`;

/**
 * In slices of time, on two connections: in each, every wallet has its share of its debits, so that
 * entries of one wallet are as far apart in the table as they would be.
 */
async function loadDebits({ query }: Postgres, customers: Customers): Promise<void> {
  const { debits_each, debits_first } = customers;
  const slices = Math.max(debits_each, Math.min(debits_first, 1000));
  const [rule] = await query<{ id: string }>(
    `select id from price_rules where operation = 'message.send'`,
  );
  const text = debitsOf(customers, slices);
  const half = Math.ceil(slices / 2);
  await Promise.all(
    [[1, half] as const, [half + 1, slices] as const].map(async ([first, last]) => {
      for (let slice = first; slice <= last; slice += 10) {
        await query(text, [rule?.id, slice, Math.min(slice + 9, last)]);
      }
    }),
  );
}

const debitsOf = ({ lots, granted_micro }: Customers, slices: number): string => `
  insert into entries (wallet_id, workspace_id, seq, kind, amount, leg_lots, leg_from, leg_to,
    leg_amounts, available_after, held_after, debt_after, namespace, key, key_hash, content_hash,
    actor_kind, actor_id, api_key_id, operation, quantity, lines, at, recorded_at)
  select wallet_id, workspace_id, ${lots} + debit, 'debit', ${PRICE_MICRO}, '{1}', '{a}', '{c}',
    '{${PRICE_MICRO}}', ${granted_micro * BigInt(lots)} - debit * ${PRICE_MICRO}, 0, 0,
    'api:service', 'debit ' || debit, ${hashOf(`'api:service'`, `'debit ' || debit`)}, ${hashOf(`'a debit'`)},
    'api_key', $1::uuid, $1::uuid, 'message.send', 1000000, jsonb_build_array(jsonb_build_object(
      'code', 'message', 'label', 'Message', 'unit', 'message', 'quantity', '1000000',
      'price', '100000000000', 'amount', '${PRICE_MICRO}', 'rule', $1::text, 'version', 1)),
    ${atOf(`${lots} + debit`)}, ${atOf(`${lots} + debit`)}
  from generate_series($2::int, $3::int) slice, bench.customers,
    generate_series((slice - 1) * debits / ${slices} + 1, slice * debits / ${slices}) debit`;

/** The entries of a wallet are spread evenly over the days before now. */
function atOf(seq: string): string {
  return `begins_at + interval '${DAYS - 1} days' * (${seq})::float8 / (debits + 10)`;
}

/** As src/ledger/keys.ts has it. */
function hashOf(...parts: string[]): string {
  const bytes = parts.map((part) => `convert_to(${part}, 'UTF8')`).join(` || '\\x00'::bytea || `);
  return `encode(substring(sha256(${bytes}) for 16), 'hex')::uuid`;
}
