import { sql } from 'kysely';
import { z } from 'zod';
import type { Quantities } from '../core/price-rules.ts';
import type { IdempotencyKey } from '../core/wallet.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** What is used: of the operation, and of components that are measured by themselves. */
export interface Measure {
  operation: string;
  quantity: bigint;
  components: Quantities;
}

export interface NewQuote extends Measure {
  workspace_id: string;
  wallet_id: string;
  rule_id: string;
  lock_seconds: number;
  /** The API key. */
  made_by: string;
}

/** Locks a version of a price for some seconds. What expired a day ago is forgotten on the way. */
export async function makeQuote(
  trx: Trx,
  { lock_seconds, components, ...quote }: NewQuote,
): Promise<{ id: string; expires_at: Date }> {
  await trx
    .deleteFrom('quotes')
    .where('workspace_id', '=', quote.workspace_id)
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .execute();
  return trx
    .insertInto('quotes')
    .values({
      ...quote,
      id: newId(),
      components: JSON.stringify(
        Object.fromEntries([...components].map(([code, used]) => [code, String(used)])),
      ),
      expires_at: sql<Date>`now() + ${lock_seconds} * interval '1 second'`,
    })
    .returning(['id', 'expires_at'])
    .executeTakeFirstOrThrow();
}

export type Claim =
  | { outcome: 'claimed'; rule_id: string }
  | { outcome: 'unknown' | 'expired' | 'used' | 'does_not_fit' };

/**
 * Gives a quote to the first request that brings it, by its idempotency key: asked again with that
 * key it is that request's still, for any other it is used. It is good for its wallet and operation,
 * and for as much as was quoted or less.
 */
export async function claimQuote(
  trx: Trx,
  quote: { id: string; wallet_id: string; key: IdempotencyKey } & Measure,
): Promise<Claim> {
  const found = await trx
    .selectFrom('quotes')
    .select(['rule_id', 'operation', 'quantity', 'components', 'used_by'])
    .select(sql<boolean>`expires_at <= clock_timestamp()`.as('expired'))
    .where('id', '=', quote.id)
    .where('wallet_id', '=', quote.wallet_id)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) return { outcome: 'unknown' };
  const used_by = `${quote.key.namespace} ${quote.key.key}`;
  if (found.used_by !== null && found.used_by !== used_by) return { outcome: 'used' };
  if (found.expired) return { outcome: 'expired' };
  const components = StoredQuantities.parse(found.components);
  if (!isWithin(quote, { ...found, components })) return { outcome: 'does_not_fit' };
  await trx.updateTable('quotes').set({ used_by }).where('id', '=', quote.id).execute();
  return { outcome: 'claimed', rule_id: found.rule_id };
}

/** Whether as much was quoted of each component; one that is not measured takes the quantity. */
function isWithin(asked: Measure, quoted: Measure): boolean {
  const codes = [...asked.components.keys(), ...quoted.components.keys()];
  return (
    asked.operation === quoted.operation &&
    asked.quantity <= quoted.quantity &&
    codes.every((code) => ofComponent(asked, code) <= ofComponent(quoted, code))
  );
}

function ofComponent({ quantity, components }: Measure, code: string): bigint {
  return components.get(code) ?? quantity;
}

const StoredQuantities = z
  .record(z.string(), z.string().transform(BigInt))
  .transform((stored): Quantities => new Map(Object.entries(stored)));
