import { sql } from 'kysely';
import { daysAfter } from '../../core/instant.ts';
import type { PromoUses } from '../../core/promo-codes.ts';
import { promoFault } from '../../core/promo-codes.ts';
import { within } from '../../ledger/ledger.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import type { Db, Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import type { Buyer, Payment, Sold } from '../orders.ts';
import { type PromoCode, lockPromoCode } from '../promo-codes.ts';
import { type RefusedPromo, refusedPromo } from './refusals.ts';

/** Who uses a code, and in which workspace: a customer is the workspace itself. */
export interface Redeemer {
  workspace_id: string;
  buyer: Buyer;
}

/** How often a code was used, by all and by one. Names the person to the transaction. */
export async function usesOf(
  trx: Trx,
  promo: Pick<PromoCode, 'id' | 'taken'>,
  { workspace_id, buyer }: Redeemer,
): Promise<PromoUses> {
  const rows = trx
    .selectFrom('promo_redemptions')
    .select(sql<number>`count(*) filter (where state = 'redeemed')::int`.as('redeemed_by_you'))
    .select(sql<number>`count(*) filter (where state = 'reserved')::int`.as('reserved_by_you'))
    .where('promo_code_id', '=', promo.id);
  if (buyer.kind === 'person') {
    // What a person used in other workspaces counts, and is seen in a transaction that names them.
    await sql`select set_config('scrip.person_id', ${buyer.id}, true)`.execute(trx);
    const mine = await rows.where('person_id', '=', buyer.id).executeTakeFirstOrThrow();
    return { taken: promo.taken, ...mine };
  }
  const mine = await rows
    .where('workspace_id', '=', workspace_id)
    .where('person_id', 'is', null)
    .executeTakeFirstOrThrow();
  return { taken: promo.taken, ...mine };
}

/** Whether a workspace has bought nothing yet, and has no open order at the terms of a first purchase. */
export async function isFirstPurchase(db: Db, workspaceId: string): Promise<boolean> {
  const { rows } = await sql<{ first: boolean }>`
    select not exists (select from payments where workspace_id = ${workspaceId}
        and type = 'credit_purchase' and completed_at is not null)
      and not exists (select from promo_redemptions where workspace_id = ${workspaceId}
        and first_purchase and state <> 'given_back') as first`.execute(db);
  return rows[0]?.first ?? false;
}

export type Redeemed = { outcome: 'redeemed'; redemption_id: string } | RefusedPromo;

/** Redeems a code that gives credits at once. The same form sent twice is one redemption. */
export async function redeemPromoCode(
  trx: Trx,
  { text, nonce, ...redeemer }: Redeemer & { text: string; nonce: string },
): Promise<Redeemed> {
  const promo = await lockPromoCode(trx, text);
  if (promo === undefined) return refusedPromo('unknown', undefined);
  const { workspace_id, buyer } = redeemer;
  const before = await trx
    .selectFrom('promo_redemptions')
    .select('id')
    .where('workspace_id', '=', workspace_id)
    .where('promo_code_id', '=', promo.id)
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (before !== undefined) return { outcome: 'redeemed', redemption_id: before.id };
  const uses = await usesOf(trx, promo, redeemer);
  const now = new Date();
  const fault = promoFault(promo, uses, { kind: 'grant' }, now);
  if (fault !== undefined) return refusedPromo(fault, promo);
  const id = newId();
  const wallet_id = await walletIdOf(trx, workspace_id);
  const credits = promo.credits ?? 0n;
  const entry_seq = await within(trx, [wallet_id], async (wallets) => {
    const outcome = await wallets.run({
      kind: 'grant',
      wallet_id,
      source: 'promo',
      amount_micro: credits,
      expires_at: daysAfter(now, promo.expires_after_days),
      key: { namespace: 'promo', key: id },
      asked:
        buyer.kind === 'person'
          ? { actor_kind: 'person', actor_id: buyer.id }
          : { actor_kind: 'system' },
      details: { description: `Code ${promo.code}: ${promo.name}` },
    });
    if (outcome.outcome === 'refused') {
      throw new Error(`the code ${promo.code} was not granted: ${outcome.refusal.code}`);
    }
    return outcome.seq;
  });
  const row = { id, promo_code_id: promo.id, workspace_id, wallet_id, nonce };
  await keep(trx, { ...row, buyer, state: 'redeemed', credits, entry_seq });
  await countTaken(trx, promo.id, 1);
  return { outcome: 'redeemed', redemption_id: id };
}

/** What a redemption of the workspace gave, for whoever comes from redeeming it. */
export async function findRedeemed(db: Db, id: string) {
  return db
    .selectFrom('promo_redemptions as r')
    .innerJoin('promo_codes as c', 'c.id', 'r.promo_code_id')
    .innerJoin('lots as l', (join) =>
      join.onRef('l.wallet_id', '=', 'r.wallet_id').onRef('l.entry_seq', '=', 'r.entry_seq'),
    )
    .select(['c.code', 'c.name', 'r.credits as credits_micro', 'r.entry_seq', 'l.expires_at'])
    .where('r.id', '=', id)
    .executeTakeFirst();
}

/** Takes a place for an order whose code is locked: until it is paid, or closed unpaid. */
export async function reservePromo(
  trx: Trx,
  promo: PromoCode,
  payment: Payment,
  buyer: Buyer,
): Promise<void> {
  const { id: payment_id, workspace_id, wallet_id, sold } = payment;
  const credits = sold.promo?.credits_micro ?? 0n;
  const row = { id: newId(), promo_code_id: promo.id, workspace_id, wallet_id, payment_id };
  const { first_purchase_only: first_purchase } = promo;
  await keep(trx, { ...row, buyer, state: 'reserved', first_purchase, credits });
  await countTaken(trx, promo.id, 1);
}

/**
 * What the code of an order adds now that it is paid, whose row is locked. An order that was closed
 * before the money came has given its place back: it takes another, or is bought without the code.
 */
export async function confirmPromo(trx: Trx, payment: Payment): Promise<Sold['promo']> {
  const { promo } = payment.sold;
  if (promo === undefined) return undefined;
  const held = await trx
    .selectFrom('promo_redemptions')
    .select(['id', 'state', 'person_id', 'first_purchase'])
    .where('payment_id', '=', payment.id)
    .executeTakeFirst();
  if (held?.state === 'reserved') return promo;
  if (held !== undefined && (await takeAgain(trx, payment, held, promo.code))) return promo;
  await sql`update payments set catalogue = catalogue - 'promo' where id = ${payment.id}`.execute(
    trx,
  );
  return undefined;
}

async function takeAgain(
  trx: Trx,
  { workspace_id }: Payment,
  held: { id: string; person_id: string | null; first_purchase: boolean },
  code: string,
): Promise<boolean> {
  const promo = await lockPromoCode(trx, code);
  if (promo === undefined) return false;
  const { person_id } = held;
  const buyer: Buyer =
    person_id === null ? { kind: 'customer', id: workspace_id } : { kind: 'person', id: person_id };
  const uses = await usesOf(trx, promo, { workspace_id, buyer });
  const isFull = promo.total_limit !== null && uses.taken >= promo.total_limit;
  if (isFull || uses.redeemed_by_you + uses.reserved_by_you >= promo.person_limit) return false;
  if (held.first_purchase && !(await isFirstPurchase(trx, workspace_id))) return false;
  await setState(trx, held.id, { state: 'reserved' });
  await countTaken(trx, promo.id, 1);
  return true;
}

/** Writes down with which entry the code of an order was granted. */
export async function keepGranted(trx: Trx, paymentId: string, entrySeq: bigint): Promise<void> {
  await trx
    .updateTable('promo_redemptions')
    .set({ state: 'redeemed', entry_seq: entrySeq, updated_at: sql<Date>`now()` })
    .where('payment_id', '=', paymentId)
    .execute();
}

/** Gives back the place of an order that is closed unpaid, whose row is locked. */
export async function giveBackPromo(trx: Trx, paymentId: string): Promise<void> {
  const held = await trx
    .selectFrom('promo_redemptions')
    .select(['id', 'promo_code_id'])
    .where('payment_id', '=', paymentId)
    .where('state', '=', 'reserved')
    .executeTakeFirst();
  if (held === undefined) return;
  await setState(trx, held.id, { state: 'given_back' });
  await countTaken(trx, held.promo_code_id, -1);
}

interface NewRedemption {
  id: string;
  promo_code_id: string;
  workspace_id: string;
  wallet_id: string;
  buyer: Buyer;
  nonce?: string;
  payment_id?: string;
  state: 'reserved' | 'redeemed';
  first_purchase?: boolean;
  credits: bigint;
  entry_seq?: bigint;
}

async function keep(trx: Trx, { buyer, ...row }: NewRedemption): Promise<void> {
  const person_id = buyer.kind === 'person' ? buyer.id : null;
  await trx
    .insertInto('promo_redemptions')
    .values({ first_purchase: false, ...row, person_id })
    .execute();
}

async function setState(
  trx: Trx,
  id: string,
  to: { state: 'reserved' | 'given_back' },
): Promise<void> {
  await trx
    .updateTable('promo_redemptions')
    .set({ ...to, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

async function countTaken(trx: Trx, promoCodeId: string, change: 1 | -1): Promise<void> {
  await trx
    .updateTable('promo_codes')
    .set({ taken: sql<number>`taken + ${change}::int`, updated_at: sql<Date>`now()` })
    .where('id', '=', promoCodeId)
    .execute();
}
