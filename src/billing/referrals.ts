import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { decimalCredits, parseCredits } from '../core/credits.ts';
import { type CatalogueItem, itemInUse } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { toldPrices } from './package-versions.ts';

/** What the seller gives for bringing somebody. */
export interface ReferralTerms {
  referrer_credits: bigint;
  referred_credits: bigint;
  expires_after_days: number | null;
  /** What a purchase costs at least to be rewarded, in minor units by currency. */
  minimums: Readonly<Record<string, bigint>>;
  /** So long money that goes back takes the reward back. */
  reversible_days: number;
}

/** The terms are one item of the catalogue, which has this code. */
export const REFERRAL_CODE = 'terms';

/** The terms in force; undefined where nothing is given. */
export async function referralTerms(db: Db): Promise<ReferralTerms | undefined> {
  const item = await itemInUse(db, 'referral', REFERRAL_CODE);
  return item && referralIn(item.content);
}

const credits = z.string().transform((text, context): bigint => {
  const micro = parseCredits(text);
  if (micro !== undefined && micro > 0n) return micro;
  context.addIssue('no amount of credits');
  return z.NEVER;
});
const Content = z.object({
  referrer_credits: credits,
  referred_credits: credits,
  expires_after_days: z.int().positive().optional(),
  minimums: z.record(z.string(), z.string().regex(/^\d+$/).transform(BigInt)),
  reversible_days: z.int().positive(),
});

/** The terms from what is stored. */
export function referralIn(content: unknown): ReferralTerms {
  const { expires_after_days = null, ...terms } = Content.parse(content);
  return { ...terms, expires_after_days };
}

/** The same as it is stored. */
export function referralContent({ minimums, expires_after_days, ...terms }: ReferralTerms) {
  const texts = Object.entries(minimums).map(
    ([currency, minor]) => [currency, String(minor)] as const,
  );
  return {
    referrer_credits: decimalCredits(terms.referrer_credits),
    referred_credits: decimalCredits(terms.referred_credits),
    minimums: Object.fromEntries(texts),
    reversible_days: terms.reversible_days,
    ...(expires_after_days === null ? {} : { expires_after_days }),
  };
}

export function toldReferral({ active, content }: CatalogueItem): Told {
  const { minimums, expires_after_days, ...terms } = referralIn(content);
  const sums = Object.entries(minimums).map(([currency, price_minor]) => ({
    currency,
    price_minor,
  }));
  return {
    referrer: decimalCredits(terms.referrer_credits),
    referred: decimalCredits(terms.referred_credits),
    expires: expires_after_days === null ? 'never' : String(expires_after_days),
    minimums: toldPrices(sums),
    reversible: String(terms.reversible_days),
    active: active ? 'yes' : 'no',
  };
}

/** The code of a workspace's link, made when it is first asked for. */
export async function referralCodeOf(trx: Trx, workspace_id: string): Promise<string> {
  await trx
    .insertInto('referral_codes')
    .values({ workspace_id, code: randomBytes(6).toString('hex') })
    .onConflict((conflict) => conflict.column('workspace_id').doNothing())
    .execute();
  const { code } = await trx
    .selectFrom('referral_codes')
    .select('code')
    .where('workspace_id', '=', workspace_id)
    .executeTakeFirstOrThrow();
  return code;
}

/** The workspace whose link it is. Ask with the staff role, which sees all. */
export async function workspaceOfReferral(staff: Db, code: string): Promise<string | undefined> {
  const row = await staff
    .selectFrom('referral_codes as r')
    .innerJoin('workspaces as w', 'w.id', 'r.workspace_id')
    .select('r.workspace_id')
    .where('r.code', '=', code)
    .where('w.deactivated_at', 'is', null)
    .executeTakeFirst();
  return row?.workspace_id;
}

/** Writes down who brought a person, in the transaction that makes the person and the workspace. */
export async function keepReferral(
  trx: Trx,
  referral: { workspace_id: string; person_id: string; referrer_workspace_id: string },
): Promise<void> {
  await trx
    .insertInto('referrals')
    .values({ id: newId(), ...referral })
    .execute();
}

/** How many a workspace has brought, and how many of them it was rewarded for. */
export async function broughtBy(db: Db, workspaceId: string) {
  return db
    .selectFrom('referrals')
    .select(sql<number>`count(*)::int`.as('joined'))
    .select(sql<number>`count(*) filter (where state = 'rewarded')::int`.as('rewarded'))
    .where('referrer_workspace_id', '=', workspaceId)
    .executeTakeFirstOrThrow();
}

/**
 * Makes the reward due when somebody who was brought has bought enough for the first time. A job
 * gives it: settling a payment must not wait for another workspace's wallet, nor fail with it.
 */
export async function noteFirstPurchase(
  trx: Trx,
  payment: { id: string; workspace_id: string; currency: string },
  paidMinor: bigint,
): Promise<void> {
  const terms = await referralTerms(trx);
  const minimum = terms?.minimums[payment.currency];
  if (minimum === undefined || paidMinor < minimum) return;
  await trx
    .updateTable('referrals')
    .set({ state: 'due', payment_id: payment.id, next_try_at: sql<Date>`now()` })
    .where('workspace_id', '=', payment.workspace_id)
    .where('state', '=', 'waiting')
    .execute();
}

/** Remembers when money of a rewarded purchase went back, in the transaction that takes it in. */
export async function noteMoneyBack(trx: Trx, paymentId: string): Promise<void> {
  await trx
    .updateTable('referrals')
    .set({ money_back_at: sql<Date>`now()`, next_try_at: sql<Date>`now()` })
    .where('payment_id', '=', paymentId)
    .where('state', 'in', ['due', 'rewarded'])
    .where('money_back_at', 'is', null)
    .execute();
}
