import { sql } from 'kysely';
import type { TopUpTerms } from '../../core/auto-top-up.ts';
import { type Actor, type Origin, audit } from '../../lib/audit.ts';
import type { Database, Db, Trx } from '../../lib/database.ts';
import type { PaymentProvider, WorkingProvider } from '../provider.ts';
import { mailStopped } from './mails.ts';

export type StopReason = NonNullable<Database['auto_top_ups']['stopped_reason']>;

/** What a workspace agreed to, and how it has gone since. */
export interface AutoTopUp extends TopUpTerms {
  workspace_id: string;
  wallet_id: string;
  enabled: boolean;
  package_id: string;
  currency: string;
  payment_method_id: string;
  /** The sentence as it was shown. */
  consent: string;
  consented_at: Date;
  consented_by: string;
  /** Declined charges in a row. */
  failures: number;
  /** Nothing is bought before. */
  next_look_at: Date | null;
  stopped_at: Date | null;
  stopped_reason: StopReason | null;
}

/** Who takes the payments: what was agreed to with another one is not charged by this one. */
export type Payee = Pick<WorkingProvider, 'mode' | 'livemode'>;

/** Why nothing can be charged by itself here; undefined where it can. */
export function whyNotOffered(provider: PaymentProvider): string | undefined {
  if (provider.mode === 'off') return provider.reason;
  if (!provider.automaticTax) return undefined;
  return 'Tax is added on the payment page here, and a charge by itself has none.';
}

export interface Consent extends TopUpTerms {
  workspace_id: string;
  wallet_id: string;
  package_id: string;
  currency: string;
  payment_method_id: string;
  consent: string;
}

/** Turns auto top-up on, in the words that somebody ticked; what was agreed to before is over. */
export async function turnOn(
  trx: Trx,
  { mode, livemode }: Payee,
  consent: Consent,
  by: { person_id: string; origin: Origin },
): Promise<void> {
  const { workspace_id, ...terms } = consent;
  const values = {
    ...terms,
    ...{ provider: mode, livemode, enabled: true, consented_by: by.person_id },
    ...{ consent_ip: by.origin.ip ?? null, consented_at: sql<Date>`now()` },
    ...{ failures: 0, next_look_at: null, stopped_at: null, stopped_reason: null },
    updated_at: sql<Date>`now()`,
  };
  await trx
    .insertInto('auto_top_ups')
    .values({ workspace_id, ...values })
    .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet(values))
    .execute();
  await audit(trx, {
    workspace_id,
    actor: { kind: 'person', id: by.person_id },
    action: 'auto_top_up.turned_on',
    subject: { kind: 'workspace', id: workspace_id },
    after: {
      consent: terms.consent,
      below_micro: String(terms.below_micro),
      price_minor: String(terms.price_minor),
      monthly_limit_minor: String(terms.monthly_limit_minor),
      currency: terms.currency,
      payment_method_id: terms.payment_method_id,
    },
    origin: by.origin,
  });
}

/** Ends it at once, and tells why unless whoever did it knows. Whether it was on. */
export async function stop(
  trx: Trx,
  workspace_id: string,
  reason: StopReason,
  { actor = { kind: 'job' }, origin }: { actor?: Actor; origin?: Origin } = {},
): Promise<boolean> {
  const stopped = await trx
    .updateTable('auto_top_ups')
    .set({ enabled: false, stopped_at: sql<Date>`now()`, stopped_reason: reason })
    .set({ next_look_at: null, updated_at: sql<Date>`now()` })
    .where('workspace_id', '=', workspace_id)
    .where('enabled', '=', true)
    .returning(SHOWN)
    .executeTakeFirst();
  if (stopped === undefined) return false;
  await audit(trx, {
    workspace_id,
    actor,
    action: reason === 'turned_off' ? 'auto_top_up.turned_off' : 'auto_top_up.stopped',
    subject: { kind: 'workspace', id: workspace_id },
    after: { reason },
    ...(origin === undefined ? {} : { origin }),
  });
  if (reason !== 'turned_off' && reason !== 'card_changed') await mailStopped(trx, stopped, reason);
  return true;
}

/** Ends it when the card that is saved now is none, or another one than was agreed to. */
export async function stopForOtherCard(
  trx: Trx,
  workspaceId: string,
  paymentMethodId: string | undefined,
): Promise<boolean> {
  const agreed = await trx
    .selectFrom('auto_top_ups')
    .select('payment_method_id')
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  if (agreed === undefined || agreed.payment_method_id === paymentMethodId) return false;
  return stop(trx, workspaceId, paymentMethodId === undefined ? 'card_gone' : 'card_changed');
}

/** What a workspace agreed to with this payee, if it ever did. */
export async function findTerms(
  db: Db,
  workspaceId: string,
  payee: Payee,
): Promise<AutoTopUp | undefined> {
  return selectTerms(db, workspaceId, payee).executeTakeFirst();
}

/** The same with its row locked: one decides at a time. Undefined while somebody else does, too. */
export async function lockTerms(
  trx: Trx,
  workspaceId: string,
  payee: Payee,
): Promise<AutoTopUp | undefined> {
  return selectTerms(trx, workspaceId, payee).forUpdate().skipLocked().executeTakeFirst();
}

/** The same, so that it can neither be turned off nor be changed until the transaction ends. */
export async function holdTerms(
  trx: Trx,
  workspaceId: string,
  payee: Payee,
): Promise<AutoTopUp | undefined> {
  return selectTerms(trx, workspaceId, payee).forShare().executeTakeFirst();
}

/** Nothing is bought before a moment. */
export async function waitUntil(trx: Trx, workspaceId: string, until: Date): Promise<void> {
  await trx
    .updateTable('auto_top_ups')
    .set({ next_look_at: until, updated_at: sql<Date>`now()` })
    .where('workspace_id', '=', workspaceId)
    .execute();
}

function selectTerms(db: Db, workspaceId: string, { mode, livemode }: Payee) {
  return db
    .selectFrom('auto_top_ups')
    .select(SHOWN)
    .where('workspace_id', '=', workspaceId)
    .where('provider', '=', mode)
    .where('livemode', '=', livemode);
}

const SHOWN = [
  ...(['workspace_id', 'wallet_id', 'enabled', 'below_micro', 'package_id'] as const),
  ...(['price_minor', 'credits_micro', 'currency', 'monthly_limit_minor'] as const),
  ...(['payment_method_id', 'consent', 'consented_at', 'consented_by', 'failures'] as const),
  ...(['next_look_at', 'stopped_at', 'stopped_reason'] as const),
] as const;
