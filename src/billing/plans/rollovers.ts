import { sql } from 'kysely';
import { rolloverOf } from '../../core/plan-terms.ts';
import { within } from '../../ledger/ledger.ts';
import { type Connections, type Db, type Trx, inWorkspace } from '../../lib/database.ts';
import { oneByOne } from '../one-by-one.ts';
import { grantLot, keepGrant } from './grants.ts';
import { findPlanPrice } from '../plans.ts';
import { lockSubscription } from '../subscriptions.ts';

const AT_ONCE_MAX = 500;

/** A period whose credits are over, and the one after it into which what was left goes. */
interface Rollover {
  subscription_id: string;
  workspace_id: string;
  wallet_id: string;
  ended_at: Date;
  starts_at: Date;
  ends_at: Date;
  expires_at: Date;
}

/**
 * Grants again what renewed subscriptions had left over, up to the cap of their plan: once, when the
 * old credits have ended and the new ones are there. They end together.
 */
export async function rollOverAll(connections: Connections): Promise<void> {
  await oneByOne(await dueRollovers(connections.staff), (found) =>
    inWorkspace(connections.app, found.workspace_id, (trx) => rollOver(trx, found)),
  );
}

async function dueRollovers(db: Db): Promise<Rollover[]> {
  const { rows } = await sql<Rollover>`
    select over.subscription_id, over.workspace_id, over.wallet_id, over.ends_at as ended_at,
      next.starts_at, next.ends_at, fresh.expires_at
    from plan_grants over
    join lots spent on spent.wallet_id = over.wallet_id and spent.number = (
      select number from lots where wallet_id = over.wallet_id and entry_seq = over.entry_seq)
    join plan_grants next on next.subscription_id = over.subscription_id
      and next.kind = 'period' and next.starts_at = over.ends_at
    join lots fresh on fresh.wallet_id = next.wallet_id and fresh.entry_seq = next.entry_seq
    join subscriptions s on s.id = next.subscription_id
    join plan_prices r on r.id = s.plan_price_id
    join plan_versions v on v.plan_id = r.plan_id and v.version = r.plan_version
      and v.rollover_cap > 0
    where over.kind = 'period' and over.ends_at > now() - interval '60 days'
      and over.ends_at <= now() and spent.expires_at <= now() and fresh.expires_at > now()
      and not exists (
        select from plan_grants done where done.subscription_id = next.subscription_id
          and done.kind = 'rollover' and done.starts_at = next.starts_at)
    limit ${AT_ONCE_MAX}`.execute(db);
  return rows;
}

async function rollOver(trx: Trx, over: Rollover): Promise<void> {
  const { wallet_id, starts_at, ends_at } = over;
  const subscription = await lockSubscription(trx, over.subscription_id);
  const plan = await findPlanPrice(trx, subscription.plan_price_id);
  if (plan === undefined || subscription.status === 'cancelled') return;
  if (await isDone(trx, over)) return;
  await within(trx, [wallet_id], async (wallets) => {
    // What has ended is written down first: it is what was left.
    await wallets.run({ kind: 'expire', wallet_id });
    const credits_micro = rolloverOf(await leftOver(trx, over), plan.rollover_cap_micro);
    const entry_seq = await grantLot(wallets, {
      wallet_id,
      subscription_id: subscription.id,
      source: 'rollover',
      credits_micro,
      expires_at: over.expires_at,
      key: `${subscription.id} rollover ${starts_at.toISOString()}`,
      name: `${plan.name}, left over`,
    });
    const kind = 'rollover';
    await keepGrant(trx, {
      ...{ subscription, plan, kind, wallet_id, starts_at, ends_at, credits_micro, entry_seq },
    });
  });
}

async function isDone(trx: Trx, over: Rollover): Promise<boolean> {
  const done = await trx
    .selectFrom('plan_grants')
    .select('id')
    .where('subscription_id', '=', over.subscription_id)
    .where('kind', '=', 'rollover')
    .where('starts_at', '=', over.starts_at)
    .executeTakeFirst();
  return done !== undefined;
}

/** Of the period and what upgrades added to it; not of what was rolled over into it itself. */
async function leftOver(trx: Trx, over: Rollover): Promise<bigint> {
  const { rows } = await sql<{ left: bigint }>`
    select coalesce(sum(l.available + l.expired), 0)::int8 as left
    from plan_grants g join lots l on l.wallet_id = g.wallet_id and l.entry_seq = g.entry_seq
    where g.subscription_id = ${over.subscription_id} and g.ends_at = ${over.ended_at}
      and g.kind in ('period', 'upgrade') and l.expires_at <= now()`.execute(trx);
  return rows[0]?.left ?? 0n;
}
