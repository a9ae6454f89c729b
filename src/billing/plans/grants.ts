import { instantOf } from '../../core/instant.ts';
import type { Asked } from '../../core/wallet.ts';
import { type LockedWallets, within } from '../../ledger/ledger.ts';
import { endUnlimitedByPlan, setUnlimitedByPlan, walletIdOf } from '../../ledger/wallets.ts';
import type { Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import type { PlanPrice } from '../plans.ts';
import type { Subscription } from '../subscriptions.ts';

/**
 * Stripe takes about an hour after the end of a period to ask for the next one's money: so long the
 * credits of a plan that is paid for go on.
 */
const UNTIL_RENEWED_MILLISECONDS = 3 * 3_600_000;
const DAY_MILLISECONDS = 86_400_000;

/** What a period, a trial or an upgrade of a subscription gives. */
export interface PlanGrant {
  /** Locked. */
  subscription: Subscription;
  kind: 'trial' | 'period' | 'upgrade';
  plan: PlanPrice;
  /** Null: the plan is unlimited. */
  credits_micro: bigint | null;
  starts_at: Date;
  ends_at: Date;
  /** What it was paid with, and how much of that before tax. */
  payment?: { id: string; cost_minor: bigint; currency: string } | undefined;
  change_id?: string | undefined;
  now: Date;
}

/**
 * Grants what a subscription gives for a period: a lot of its own that ends with it, or that usage
 * costs nothing meanwhile. Once for each subscription, kind and beginning, however often it is asked.
 * @returns whether it was granted now
 */
export async function grantPlan(trx: Trx, grant: PlanGrant): Promise<boolean> {
  const { subscription, kind, plan, credits_micro, starts_at, payment } = grant;
  const before = await trx
    .selectFrom('plan_grants')
    .select('id')
    .where('subscription_id', '=', subscription.id)
    .where('kind', '=', kind)
    .where('starts_at', '=', starts_at)
    .executeTakeFirst();
  if (before !== undefined) return false;
  const wallet_id = await walletIdOf(trx, subscription.workspace_id);
  const ends = endOf(grant);
  if (credits_micro === null) await setUnlimitedByPlan(trx, wallet_id, ends);
  else await endUnlimitedByPlan(trx, wallet_id);
  const entry_seq = await within(trx, [wallet_id], (wallets) =>
    grantLot(wallets, {
      wallet_id,
      subscription_id: subscription.id,
      source: 'plan',
      credits_micro: credits_micro ?? 0n,
      expires_at: ends,
      key: `${subscription.id} ${kind} ${starts_at.toISOString()}`,
      name: plan.name,
      payment,
    }),
  );
  await keepGrant(trx, { ...grant, wallet_id, kind, credits_micro, entry_seq });
  return true;
}

/** When what is granted ends: some time after its period, within which the next one is paid. */
function endOf({ subscription, kind, plan, credits_micro, ends_at, now }: PlanGrant): Date {
  if (subscription.provider === 'none') return ends_at;
  const grace = plan.grace_days * DAY_MILLISECONDS;
  const soon = new Date(ends_at.getTime() + UNTIL_RENEWED_MILLISECONDS);
  if (kind === 'trial') return soon;
  if (credits_micro === null) return new Date(ends_at.getTime() + grace);
  // Who pays when the period is nearly over, or after it, has some days to spend what was paid for.
  const late = new Date(now.getTime() + grace);
  return soon > late ? soon : late;
}

interface NewLot {
  wallet_id: string;
  subscription_id: string;
  source: 'plan' | 'rollover';
  credits_micro: bigint;
  expires_at: Date;
  key: string;
  name: string;
  payment?: PlanGrant['payment'];
}

/**
 * Grants a lot for a subscription.
 * @returns the number of its entry; null where there is nothing to grant
 */
export async function grantLot(wallets: LockedWallets, lot: NewLot): Promise<bigint | null> {
  if (lot.credits_micro === 0n) return null;
  const { payment } = lot;
  const asked: Asked = { actor_kind: payment === undefined ? 'job' : 'payment' };
  const outcome = await wallets.run({
    kind: 'grant',
    wallet_id: lot.wallet_id,
    source: lot.source,
    amount_micro: lot.credits_micro,
    expires_at: instantOf(lot.expires_at),
    subscription_id: lot.subscription_id,
    ...(payment === undefined
      ? {}
      : {
          payment_id: payment.id,
          cost_minor: payment.cost_minor,
          currency: payment.currency,
        }),
    key: { namespace: 'plan', key: lot.key },
    asked,
    details: { description: lot.name },
  });
  // What was paid for and is refused would be money for nothing: undo, and be told again.
  if (outcome.outcome === 'refused') {
    throw new Error(`${lot.key}: its grant was refused: ${outcome.refusal.code}`);
  }
  return outcome.seq;
}

interface KeptGrant extends Pick<
  PlanGrant,
  'subscription' | 'plan' | 'credits_micro' | 'starts_at' | 'ends_at' | 'payment' | 'change_id'
> {
  kind: PlanGrant['kind'] | 'rollover';
  wallet_id: string;
  entry_seq: bigint | null;
}

/** Writes down what a subscription has granted, and with which entry. */
export async function keepGrant(trx: Trx, kept: KeptGrant): Promise<void> {
  await trx
    .insertInto('plan_grants')
    .values({
      id: newId(),
      workspace_id: kept.subscription.workspace_id,
      wallet_id: kept.wallet_id,
      subscription_id: kept.subscription.id,
      plan_id: kept.plan.plan_id,
      kind: kept.kind,
      starts_at: kept.starts_at,
      ends_at: kept.ends_at,
      credits: kept.credits_micro,
      entry_seq: kept.entry_seq,
      payment_id: kept.payment?.id ?? null,
      change_id: kept.change_id ?? null,
    })
    .execute();
}
