import { sql } from 'kysely';
import { MOVES } from '../../core/moves.ts';
import { BUCKET_LETTERS } from '../tables.ts';
import type { Rules } from './scope.ts';

/** The legs that do not count towards their entry's amount, as a condition on kind and buckets. */
const BESIDE = Object.entries(MOVES)
  .flatMap(([kind, { beside = [] }]) =>
    beside.map(
      ([from, to]) =>
        `(e.kind = '${kind}' and t.source = '${BUCKET_LETTERS[from]}' and t.target = '${BUCKET_LETTERS[to]}')`,
    ),
  )
  .join(' or ');

/** Each rule with what breaks it, of an entry beside the one before it. */
const BROKEN_BY = {
  'entries are numbered without a gap': 'seq <> seq_before + 1',
  'ledger time increases': 'at <= at_before',
  'the amounts after an entry follow from the entry before': `
    available_after <> available_before + available_moved or held_after <> held_before + held_moved
    or debt_after <> debt_before + debt_moved`,
  "an entry's legs come to its amount": 'amount <> legs_amount',
  "an entry's key hash is that of its key": `uuid_send(key_hash) <> substring(sha256(
    convert_to(namespace, 'UTF8') || '\\x00'::bytea || convert_to(key, 'UTF8')) for 16)`,
  'an entry follows from an earlier one': 'parent_seq >= seq',
  'no entry is beyond the last': 'seq > last_seq',
  'an entry is of a wallet, in its workspace': 'workspace_id is distinct from wallets_workspace',
};

/** Walks each wallet's entries once, in their order. */
export const entryRules: Rules = (scope) => sql`
  with entry as (
    select e.wallet_id, e.seq, e.amount, e.at, e.available_after, e.held_after, e.debt_after,
      e.namespace, e.key, e.key_hash, e.parent_seq, e.workspace_id, m.*,
      w.last_seq, w.workspace_id as wallets_workspace,
      lag(e.seq, 1, 0::int8) over before as seq_before,
      lag(e.at) over before as at_before,
      lag(e.available_after, 1, 0::int8) over before as available_before,
      lag(e.held_after, 1, 0::int8) over before as held_before,
      lag(e.debt_after, 1, 0::int8) over before as debt_before
    from entries e left join wallets w on w.id = e.wallet_id cross join lateral (
      select
        coalesce(sum(t.amount * ((t.target = 'a')::int - (t.source = 'a')::int)), 0) as available_moved,
        coalesce(sum(t.amount * ((t.target = 'h')::int - (t.source = 'h')::int)), 0) as held_moved,
        coalesce(sum(t.amount * ((t.source = 'd')::int - (t.target = 'd')::int)), 0) as debt_moved,
        coalesce(sum(t.amount) filter (where not (${sql.raw(BESIDE)})), 0) as legs_amount
      from unnest(e.leg_from, e.leg_to, e.leg_amounts) as t(source, target, amount)
    ) m
    where ${scope('e.wallet_id')}
    window before as (partition by e.wallet_id order by e.seq)
  )
  select broken.rule, entry.wallet_id, 'entry ' || entry.seq as detail
  from entry cross join lateral (values ${sql.join(
    Object.entries(BROKEN_BY).map(([rule, by]) => sql`(${sql.lit(rule)}, ${sql.raw(by)})`),
  )}) as broken(rule, found)
  where (${sql.raw(Object.values(BROKEN_BY).join(' or '))}) and broken.found`;
