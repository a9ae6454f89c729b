import { sql } from 'kysely';
import { FOLDED, WITH_ROOT, foldByCustomer, foldOf } from '../rollups/fold.ts';
import { type Rules, allOf, breaking } from './scope.ts';

const QUARTER_HOUR_AND_KIND = `to_char(quarter_hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') || ', ' || kind`;

/** Rollups, beside the entries that they consist of. */
export const rollupRules: Rules = (scope) => sql`
  with progress as materialized (
    select wallet_id, workspace_id, forgotten_seq, last_seq from rollup_progress
    where ${scope('wallet_id')}
  ), entry as materialized (
    select e.wallet_id, p.forgotten_seq as after_seq, ${FOLDED}
    from progress p
    join entries e on e.wallet_id = p.wallet_id and e.seq between p.forgotten_seq and p.last_seq
    ${WITH_ROOT}
    where ${scope('e.wallet_id')}
  ), folded as (${foldOf(sql`select * from entry`)}
  ), folded_by_customer as (${foldByCustomer(sql`select * from entry`)}
  )
  ${allOf([
    breaking('what is rolled up of a quarter hour is the fold of its entries', {
      detail: QUARTER_HOUR_AND_KIND,
      found: sql`from folded f
        full join (select * from entry_rollups where ${scope('wallet_id')}) r
          using (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id, person_id)
        where (f.first_seq, f.last_seq, f.entry_count, f.amount, f.balance_change, f.quantity)
          is distinct from
          (r.first_seq, r.last_seq, r.entry_count, r.amount, r.balance_change, r.quantity)`,
    }),
    breaking('what is rolled up for a customer is the fold of the entries that name it', {
      detail: QUARTER_HOUR_AND_KIND,
      found: sql`from folded_by_customer f
        full join (select * from customer_rollups where ${scope('wallet_id')}) r
          using (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id,
            person_id, on_behalf_of)
        where (f.first_seq, f.last_seq, f.entry_count, f.amount, f.quantity)
          is distinct from (r.first_seq, r.last_seq, r.entry_count, r.amount, r.quantity)`,
    }),
    breaking('rollups are of the entries of a wallet, and of its workspace', {
      wallet: 'p.wallet_id',
      found: sql`from progress p left join wallets w on w.id = p.wallet_id
        where w.workspace_id is distinct from p.workspace_id or p.last_seq > w.last_seq
          or exists (select from entry_rollups r
            where r.wallet_id = p.wallet_id and r.workspace_id <> p.workspace_id)
          or exists (select from customer_rollups r
            where r.wallet_id = p.wallet_id and r.workspace_id <> p.workspace_id)`,
    }),
  ])}`;
