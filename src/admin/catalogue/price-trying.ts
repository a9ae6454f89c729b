import { sql } from 'kysely';
import { parseDecimal } from '../../core/decimal.ts';
import { type PriceComponent, QUANTITY_DECIMALS, priceOf } from '../../core/price-rules.ts';
import { priceSentence } from '../../core/price-sentences.ts';
import type { Db } from '../../lib/database.ts';
import { type LabCustomer, isTooLong, tryPrice } from '../../pricing/price-lab.ts';
import type { Values } from './kinds.ts';

const DAY_MILLISECONDS = 86_400_000;
const CUSTOMERS_SHOWN = 200;
/** Nobody waits longer for a page. */
const LAB_MILLISECONDS = 10_000;

interface Draft {
  operation: { code: string };
  components: PriceComponent[];
  /** The last days on which it is tried; 0: not at all. */
  days: number;
}

/** What a draft comes to; `too_long` where that takes longer than somebody waits. */
export async function tryDraft(
  staff: Db,
  { operation, components, days }: Draft,
  values: Values,
): Promise<Tried | 'too_long'> {
  const preview = { ...previewOf(components, values), days };
  if (days === 0 || components.length === 0) return { ...preview, ...labOf(undefined) };
  const rule = { id: 'draft', operation: operation.code, version: 0, components };
  const from = new Date(Date.now() - days * DAY_MILLISECONDS);
  const until = Date.now() + LAB_MILLISECONDS;
  try {
    const customers = await staff.transaction().execute(async (trx) => {
      await sql`select set_config('statement_timeout', ${String(LAB_MILLISECONDS)}, true)`.execute(
        trx,
      );
      return tryPrice(trx, { rule, from, until });
    });
    return { ...preview, ...labOf(customers) };
  } catch (error) {
    if (isTooLong(error)) return 'too_long';
    throw error;
  }
}

export interface Tried {
  sentence: string;
  quantity: string;
  costs_micro: bigint | undefined;
  days: number;
  customers: LabCustomer[] | undefined;
  more: number;
  charged_micro: bigint;
  draft_micro: bigint;
}

/** The draft in a sentence, and what a quantity of it costs. */
function previewOf(components: PriceComponent[], values: Values) {
  const written = values['quantity'] === '' ? '7' : (values['quantity'] ?? '7');
  const quantity = parseDecimal(written, QUANTITY_DECIMALS) ?? 0n;
  const rule = { id: 'draft', operation: 'draft', version: 0, components };
  const isPriced = quantity > 0n && components.length > 0;
  const costs_micro = isPriced ? priceOf(rule, quantity).amount_micro : undefined;
  return { sentence: priceSentence(components), quantity: written, costs_micro };
}

function labOf(tried: LabCustomer[] | undefined) {
  const customers = tried?.slice(0, CUSTOMERS_SHOWN);
  const sum = (pick: (one: LabCustomer) => bigint) =>
    (tried ?? []).reduce((total, one) => total + pick(one), 0n);
  return {
    customers,
    more: (tried?.length ?? 0) - (customers?.length ?? 0),
    charged_micro: sum(({ charged_micro }) => charged_micro),
    draft_micro: sum(({ draft_micro }) => draft_micro),
  };
}
