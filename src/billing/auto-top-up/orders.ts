import { sql } from 'kysely';
import { CHARGE_MINOR_MAX, decideTopUp } from '../../core/auto-top-up.ts';
import { balanceOf } from '../../ledger/balances.ts';
import { type Connections, type Db, type Trx, inWorkspace } from '../../lib/database.ts';
import type { Logger } from '../../lib/log.ts';
import { orderTopUp } from '../orders.ts';
import { type Package, allCredits, findPackageById } from '../packages.ts';
import { findSavedCard } from './saved-cards.ts';
import { recipientsOf } from './mails.ts';
import { chargedIn, monthOf, tellLimit } from './months.ts';
import {
  type AutoTopUp,
  type Payee,
  lockTerms,
  stop,
  stopForOtherCard,
  waitUntil,
} from './terms.ts';

const AT_ONCE = 100;

/**
 * Writes an order for each wallet that has fallen below its mark, one at a time for each; nobody is
 * asked for money yet. What stands in the way for good ends auto top-up.
 */
export async function orderTopUps(
  { app, staff }: Connections,
  payee: Payee,
  log: Logger,
): Promise<void> {
  for (const workspace_id of await wantingSome(staff, payee)) {
    try {
      await inWorkspace(app, workspace_id, async (trx) => {
        const terms = await lockTerms(trx, workspace_id, payee);
        if (terms?.enabled === true) await orderOrStop(trx, terms, payee);
      });
    } catch (error) {
      // One workspace keeps no other from its credits.
      log.error({ err: error, workspace: workspace_id }, 'a top-up could not be ordered');
    }
  }
}

/** Those for which something is to be done, as far as one look at all tells. */
async function wantingSome(staff: Db, { mode, livemode }: Payee): Promise<string[]> {
  const { rows } = await sql<{ workspace_id: string }>`
    select a.workspace_id from auto_top_ups a
    join workspaces s on s.id = a.workspace_id and s.deactivated_at is null
    join wallets w on w.id = a.wallet_id
    left join stripe_customers c on c.workspace_id = a.workspace_id
      and c.provider = a.provider and c.livemode = a.livemode
    where a.enabled and a.provider = ${mode} and a.livemode = ${livemode}
      and (c.payment_method_id is distinct from a.payment_method_id
        or ((a.next_look_at is null or a.next_look_at <= now())
          and w.frozen_at is null and (w.unlimited_until is null or w.unlimited_until <= now())
          and (w.available < a.below_micro or w.next_due_at <= now())
          and not exists (select from payments p
            where p.wallet_id = a.wallet_id and p.auto_top_up and p.status = 'pending')))
    limit ${AT_ONCE}`.execute(staff);
  return rows.map(({ workspace_id }) => workspace_id);
}

async function orderOrStop(trx: Trx, terms: AutoTopUp, payee: Payee): Promise<void> {
  const { workspace_id } = terms;
  const card = await findSavedCard(trx, workspace_id, payee);
  if (await stopForOtherCard(trx, workspace_id, card?.payment_method_id)) return;
  // Another process may have asked, and been told to wait, since this one looked.
  if (terms.next_look_at !== null && terms.next_look_at.getTime() > Date.now()) return;
  const last = await lastOrder(trx, terms);
  if (last?.status === 'pending') return;
  if (last?.disputed === true) {
    await stop(trx, workspace_id, 'disputed');
    return;
  }
  if (last?.status === 'cancelled' && last.failure === 'authentication_required') {
    await stop(trx, workspace_id, 'not_confirmed');
    return;
  }
  const balance = await balanceOf(trx, workspace_id);
  if (balance?.wallet_id !== terms.wallet_id) throw new Error(`${workspace_id} has another wallet`);
  const sold = await findPackageById(trx, terms.package_id, terms.currency);
  const month = await monthOf(trx, workspace_id);
  const charged_minor = await chargedIn(trx, terms, month);
  const offer = sold && { price_minor: sold.price_minor, credits_micro: allCredits(sold) };
  const decision = decideTopUp({ wallet: balance, terms, offer, charged_minor });
  switch (decision.outcome) {
    case 'enough':
      return;
    case 'offer_changed':
      await stop(trx, workspace_id, 'offer_changed');
      return;
    case 'limit_reached':
      await tellLimit(trx, terms, { percent: 100n, charged_minor, ...month });
      await waitUntil(trx, workspace_id, month.ends_at);
      return;
    case 'charge':
      if (sold !== undefined) await order(trx, terms, { sold, payee, ...decision });
  }
}

async function order(
  trx: Trx,
  terms: AutoTopUp,
  { sold, payee, packages }: { sold: Package; payee: Payee; packages: bigint },
): Promise<void> {
  const price_minor = sold.price_minor * packages;
  if (price_minor > CHARGE_MINOR_MAX) throw new Error(`${price_minor} is more than can be charged`);
  const [buyer] = await recipientsOf(trx, terms);
  await orderTopUp(trx, {
    ...{ workspace_id: terms.workspace_id, wallet_id: terms.wallet_id },
    ...{ provider: payee.mode, livemode: payee.livemode },
    person_id: buyer?.person_id ?? terms.consented_by,
    payment_method_id: terms.payment_method_id,
    package: {
      ...sold,
      name: packages === 1n ? sold.name : `${packages} × ${sold.name}`,
      credits_micro: sold.credits_micro * packages,
      bonus_micro: sold.bonus_micro * packages,
      price_minor,
    },
  });
}

/** The newest charge since it was agreed to, or one from before that is open; whether any is disputed. */
async function lastOrder(trx: Trx, { wallet_id, consented_at }: AutoTopUp) {
  const { rows } = await sql<{ status: string; failure: string | null; disputed: boolean }>`
    select status, failure, bool_or(status = 'disputed') over () as disputed
    from payments
    where wallet_id = ${wallet_id} and auto_top_up
      and (created_at >= ${consented_at} or status = 'pending')
    order by id desc limit 1`.execute(trx);
  return rows[0];
}
