import { sql } from 'kysely';
import { z } from 'zod';
import type { Db, Trx } from '../lib/database.ts';

/** Who sells, as it stands on invoices. */
export type Seller = z.output<typeof Seller>;

export const Seller = z.object({
  name: z.string(),
  /** Lines, as they stand on a letter. */
  address: z.array(z.string()).default([]),
  email: z.string().optional(),
  tax_id: z.string().optional(),
  /** ISO 3166-1. */
  country: z.string().optional(),
  /** Lines that name the account for transfers. Empty: nobody can pay by transfer. */
  bank: z.array(z.string()).default([]),
  /** In which an invoice has its date, and a series its year. */
  time_zone: z.string().default('UTC'),
});

/**
 * Keeps what the settings say of the seller in the database, so that whoever issues an invoice finds
 * it there: a webhook, a job of another process, a command.
 */
export async function keepSeller(trx: Trx, seller: Seller): Promise<void> {
  const details = JSON.stringify(seller);
  await trx
    .insertInto('seller_details')
    .values({ details })
    .onConflict((conflict) =>
      conflict.column('singleton').doUpdateSet({ details, updated_at: sql<Date>`now()` }),
    )
    .execute();
}

/** The seller, nameless before the program has ever served. */
export async function sellerOf(db: Db): Promise<Seller> {
  const row = await db.selectFrom('seller_details').select('details').executeTakeFirst();
  return Seller.parse(row?.details ?? { name: '' });
}
