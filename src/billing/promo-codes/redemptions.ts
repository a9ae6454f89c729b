import { sql } from 'kysely';
import type { Grant } from '../../core/commands.ts';
import { daysAfter } from '../../core/instant.ts';
import { type PromoUses, type PromoWish, promoFault } from '../../core/promo-codes.ts';
import { within } from '../../ledger/ledger.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import type { Db, Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import type { Buyer, Payment } from '../orders.ts';
import type { Sold } from '../sold.ts';
import { type PromoCode, lockPromoCode } from '../promo-codes.ts';
import { type RefusedPromo, refusedPromo } from './refusals.ts';

/** Who uses a code, and in which workspace: a customer is the workspace itself. */
export interface Redeemer {
  workspace_id: string;
  buyer: Buyer;
}

/** How often a code was used, by all and by one. Names the person to the transaction. */
async function usesOf(
  trx: Trx,
  promo: Pick<PromoCode, 'id' | 'taken' | 'first_purchase_only'>,
  { workspace_id, buyer }: Redeemer,
): Promise<PromoUses> {
  // What a person used in other workspaces counts, and is seen in a transaction that names them.
  if (buyer.kind === 'person') {
    await sql`select set_config('scrip.person_id', ${buyer.id}, true)`.execute(trx);
  }
  const mine = await trx
    .selectFrom('promo_redemptions')
    .select(sql<number>`count(*) filter (where state = 'redeemed')::int`.as('redeemed_by_you'))
    .select(sql<number>`count(*) filter (where state = 'reserved')::int`.as('reserved_by_you'))
    .where('promo_code_id', '=', promo.id)
    .where((row) =>
      buyer.kind === 'person'
        ? row('person_id', '=', buyer.id)
        : row.and([row('workspace_id', '=', workspace_id), row('person_id', 'is', null)]),
    )
    .executeTakeFirstOrThrow();
  const bought_before = promo.first_purchase_only && !(await isFirstPurchase(trx, workspace_id));
  return { taken: promo.taken, ...mine, bought_before };
}

/** Why a code is not for what somebody wants; undefined when it is. Holds no place. */
export async function refusalOf(
  trx: Trx,
  promo: PromoCode,
  redeemer: Redeemer,
  wish: PromoWish,
): Promise<RefusedPromo | undefined> {
  const fault = promoFault(promo, await usesOf(trx, promo, redeemer), wish, new Date());
  return fault === undefined ? undefined : refusedPromo(fault, promo);
}

/**
 * Whether a workspace has bought nothing yet, neither credits nor a plan, and holds no place at the
 * terms of a first purchase.
 */
async function isFirstPurchase(db: Db, workspaceId: string): Promise<boolean> {
  const { rows } = await sql<{ first: boolean }>`
    select not exists (select from payments where workspace_id = ${workspaceId}
        and type <> 'refund' and completed_at is not null)
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
  const refusal = await refusalOf(trx, promo, redeemer, { kind: 'grant' });
  if (refusal !== undefined) return refusal;
  const id = newId();
  const wallet_id = await walletIdOf(trx, workspace_id);
  const credits = promo.credits ?? 0n;
  const entry_seq = await within(trx, [wallet_id], async (wallets) => {
    const outcome = await wallets.run({
      kind: 'grant',
      wallet_id,
      source: 'promo',
      amount_micro: credits,
      expires_at: daysAfter(new Date(), promo.expires_after_days),
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

/** What holds a place: an order, or a subscription that was begun. */
export type PlaceOf = { payment_id: string } | { subscription_id: string };

/** Takes a place of a code that is locked: until it is paid for, or closed unpaid. */
export async function reservePromo(
  trx: Trx,
  { id: promo_code_id, first_purchase_only }: PromoCode,
  place: PlaceOf & Redeemer & { wallet_id: string; credits: bigint },
): Promise<void> {
  const first_purchase = first_purchase_only;
  await keep(trx, { ...place, id: newId(), promo_code_id, state: 'reserved', first_purchase });
  await countTaken(trx, promo_code_id, 1);
}

/**
 * What the code of an order adds now that it is paid, whose row is locked. An order that was closed
 * before the money came has given its place back: it takes another, or is bought without the code.
 */
export async function confirmPromo(trx: Trx, payment: Payment): Promise<Sold['promo']> {
  const { promo } = payment.sold;
  if (promo === undefined) return undefined;
  const held = await heldBy(trx, { payment_id: payment.id });
  if (held !== undefined && (await holdsPlace(trx, held))) return promo;
  await sql`update payments set catalogue = catalogue - 'promo' where id = ${payment.id}`.execute(
    trx,
  );
  return undefined;
}

export type HeldPlace = NonNullable<Awaited<ReturnType<typeof heldBy>>>;

/** What was taken of a code for an order or a subscription, and what became of it. */
export async function heldBy(db: Db, by: PlaceOf) {
  const [column, id] = named(by);
  return db
    .selectFrom('promo_redemptions as r')
    .innerJoin('promo_codes as c', 'c.id', 'r.promo_code_id')
    .select(['r.id', 'r.promo_code_id', 'r.workspace_id', 'r.person_id', 'r.state'])
    .select(['r.credits', 'c.code', 'c.expires_after_days'])
    .where(column, '=', id)
    .executeTakeFirst();
}

/** Whether a place is held; one that was given back is taken again if there still is one. */
export async function holdsPlace(trx: Trx, held: HeldPlace): Promise<boolean> {
  if (held.state === 'reserved') return true;
  const promo = await lockPromoCode(trx, held.code);
  if (promo === undefined) return false;
  const { workspace_id, person_id } = held;
  const buyer: Buyer =
    person_id === null ? { kind: 'customer', id: workspace_id } : { kind: 'person', id: person_id };
  const uses = await usesOf(trx, promo, { workspace_id, buyer });
  const isFull = promo.total_limit !== null && uses.taken >= promo.total_limit;
  if (isFull || uses.redeemed_by_you + uses.reserved_by_you >= promo.person_limit) return false;
  if (uses.bought_before) return false;
  // Whether it is for first purchases may have been changed since the place was given back.
  const first_purchase = promo.first_purchase_only;
  await setState(trx, held.id, { state: 'reserved', first_purchase });
  await countTaken(trx, promo.id, 1);
  return true;
}

/** The grant of what a code adds to a payment: a lot of its own that costs nothing. */
export function promoGrant(
  { id: payment_id, wallet_id }: { id: string; wallet_id: string },
  { code, credits_micro }: NonNullable<Sold['promo']>,
  expires_at: Grant['expires_at'],
): Grant {
  return {
    kind: 'grant',
    source: 'promo',
    wallet_id,
    payment_id,
    amount_micro: credits_micro,
    expires_at,
    key: { namespace: 'payment', key: `${payment_id} promo` },
    asked: { actor_kind: 'payment' },
    details: { description: `Code ${code}` },
  };
}

/** Writes down with which payment and entry a code was granted. */
export async function keepGranted(
  trx: Trx,
  by: PlaceOf,
  granted: { payment_id: string; entry_seq: bigint },
): Promise<void> {
  const [column, id] = named(by);
  await trx
    .updateTable('promo_redemptions as r')
    .set({ ...granted, state: 'redeemed', updated_at: sql<Date>`now()` })
    .where(column, '=', id)
    .execute();
}

/** Gives back the place of what is closed unpaid, whose row is locked. */
export async function giveBackPromo(trx: Trx, by: PlaceOf): Promise<void> {
  const held = await heldBy(trx, by);
  if (held?.state !== 'reserved') return;
  await countTaken(trx, held.promo_code_id, -1);
  await setState(trx, held.id, { state: 'given_back' });
}

function named(by: PlaceOf) {
  return 'payment_id' in by
    ? (['r.payment_id', by.payment_id] as const)
    : (['r.subscription_id', by.subscription_id] as const);
}

interface NewRedemption {
  id: string;
  promo_code_id: string;
  workspace_id: string;
  wallet_id: string;
  buyer: Buyer;
  nonce?: string;
  payment_id?: string;
  subscription_id?: string;
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
  to: { state: 'reserved'; first_purchase: boolean } | { state: 'given_back' },
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
