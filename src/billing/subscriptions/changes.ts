import { sql } from 'kysely';
import type { Db, Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import type { Subscription } from '../subscriptions.ts';

export type ChangeKind = 'upgrade' | 'downgrade' | 'keep' | 'cancel' | 'resume' | 'end_trial';

/** Something that Stripe is asked to change of a subscription. */
export interface SubscriptionChange {
  /** Part of the key towards Stripe. */
  id: string;
  workspace_id: string;
  subscription_id: string;
  kind: ChangeKind;
  from_plan_price_id: string;
  to_plan_price_id: string;
  /** From when on an upgrade is paid for: decided before Stripe is asked. */
  prorated_at: Date | null;
  state: 'asked' | 'done' | 'refused';
  note: string | null;
  tries: number;
}

interface NewChange {
  /** Locked. */
  subscription: Subscription;
  kind: ChangeKind;
  to_plan_price_id: string;
  person_id?: string;
}

/**
 * Writes down what Stripe is to be asked for, before it is. A job asks, or whoever wrote it and waits.
 * @returns undefined while another change of the subscription is under way
 */
export async function askChange(
  trx: Trx,
  { subscription, kind, to_plan_price_id, person_id }: NewChange,
): Promise<SubscriptionChange | undefined> {
  // Stripe counts in seconds, and from the beginning of its period, whatever our clock says.
  const begin = subscription.current_period_starts_at;
  const prorated_at =
    kind === 'upgrade' ? sql<Date>`greatest(date_trunc('second', now()), ${begin})` : null;
  return trx
    .insertInto('subscription_changes')
    .values({
      id: newId(),
      workspace_id: subscription.workspace_id,
      subscription_id: subscription.id,
      kind,
      from_plan_price_id: subscription.plan_price_id,
      to_plan_price_id,
      prorated_at,
      person_id: person_id ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** The change that is under way. */
export async function openChangeOf(
  db: Db,
  subscriptionId: string,
): Promise<SubscriptionChange | undefined> {
  return db
    .selectFrom('subscription_changes')
    .select(COLUMNS)
    .where('subscription_id', '=', subscriptionId)
    .where('state', '=', 'asked')
    .executeTakeFirst();
}

export async function findChange(db: Db, id: string): Promise<SubscriptionChange | undefined> {
  return db
    .selectFrom('subscription_changes')
    .select(COLUMNS)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** What became of it. */
export async function settleChange(
  trx: Trx,
  id: string,
  state: 'done' | 'refused',
  note: string | null = null,
): Promise<void> {
  await trx
    .updateTable('subscription_changes')
    .set({ state, note, next_try_at: null })
    .where('id', '=', id)
    .where('state', '=', 'asked')
    .execute();
}

/**
 * Takes a change up alone for a while. If nobody says by then what came of it, it is taken up again.
 * @returns false when somebody else has it, or it is settled
 */
export async function claimChange(trx: Trx, id: string): Promise<boolean> {
  const claimed = await trx
    .updateTable('subscription_changes')
    .set({ next_try_at: sql<Date>`now() + interval '1 minute'` })
    .where('id', '=', id)
    .where('state', '=', 'asked')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .returning('id')
    .executeTakeFirst();
  return claimed !== undefined;
}

/** The next request is another one to Stripe, which repeats an error of its own for a day. */
export async function countChangeTry(trx: Trx, id: string): Promise<void> {
  await trx
    .updateTable('subscription_changes')
    .set((row) => ({ tries: row('tries', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

const COLUMNS = [
  ...(['id', 'workspace_id', 'subscription_id', 'kind', 'from_plan_price_id'] as const),
  ...(['to_plan_price_id', 'prorated_at', 'state', 'note', 'tries'] as const),
] as const;

/** An upgrade that Stripe was asked for and of whose payment it has not told yet. */
export async function ungrantedUpgradeOf(
  trx: Trx,
  subscriptionId: string,
): Promise<{ id: string } | undefined> {
  return trx
    .selectFrom('subscription_changes as c')
    .leftJoin('plan_grants as g', 'g.change_id', 'c.id')
    .select('c.id')
    .where('c.subscription_id', '=', subscriptionId)
    .where('c.kind', '=', 'upgrade')
    .where('c.state', '<>', 'refused')
    .where('g.id', 'is', null)
    .executeTakeFirst();
}
