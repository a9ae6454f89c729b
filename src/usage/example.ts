import { ONE_UNIT, priceOf } from '../core/price-rules.ts';
import type { Db } from '../lib/database.ts';
import { findOperation } from '../pricing/price-book.ts';
import { lineOf } from './entry-sentence.ts';

/** Nobody's: what has no price of its own there has the general one. */
const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000';

/** What so many units of an operation cost everybody now; undefined while it is not on sale. */
export async function exampleOf(
  db: Db,
  { operation, quantity }: { operation: string; quantity: bigint },
) {
  const found = await findOperation(db, NO_WORKSPACE, operation);
  if (found === undefined) return undefined;
  const { amount_micro, lines } = priceOf(found.rule, quantity * ONE_UNIT);
  return {
    amount_micro,
    lines: lines.map(lineOf),
  };
}
