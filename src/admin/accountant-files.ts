import { decimalCredits } from '../core/credits.ts';
import { currencyDecimals } from '../core/currencies.ts';
import { partsOfDecimal } from '../core/decimal.ts';
import type { DayRange } from '../core/usage-ranges.ts';
import { deferredOf, earnedByPeriod, earnedIn } from '../ledger/earned.ts';
import { owedLots } from '../ledger/owed-lots.ts';
import type { Db } from '../lib/database.ts';
import type { Cell } from '../usage/exports.ts';

export const REVENUE_COLUMNS = [
  'period',
  'currency',
  'sold',
  'transferred',
  'recognised_by_consumption',
  'recognised_by_expiry',
  'clawed_back',
  'taken_away',
  'deferred_at_end',
] as const;

/** What was sold and what of it was earned, by day or month and currency; and what is owed after it. */
export async function* revenueRows(
  db: Db,
  days: DayRange,
  unit: 'day' | 'month',
): AsyncGenerator<Record<string, Cell>[]> {
  const deferred = new Map(
    (await earnedIn(db, days)).map(({ currency, before }) => [currency, deferredOf(before)]),
  );
  for await (const rows of earnedByPeriod(db, days, unit)) {
    yield rows.map((row) => {
      const { period, currency } = row;
      const after = (deferred.get(currency) ?? 0n) + deferredOf(row);
      deferred.set(currency, after);
      const money = (minor: bigint) => moneyCell(minor, currency);
      return {
        period,
        currency,
        sold: money(row.sold_minor),
        transferred: money(row.transferred_minor),
        recognised_by_consumption: money(row.used_minor),
        recognised_by_expiry: money(row.expired_minor),
        clawed_back: money(row.returned_minor),
        taken_away: money(row.corrected_minor),
        deferred_at_end: money(after),
      };
    });
  }
}

export const LIABILITY_COLUMNS = [
  'customer',
  'customer_id',
  'external_id',
  'lot',
  'source',
  'granted_utc',
  'expires_utc',
  'payment',
  'credits_granted',
  'credits_remaining',
  'currency',
  'cost',
  'owed',
] as const;

/** Each lot that is owed for, as it is now. */
export async function* liabilityRows(db: Db): AsyncGenerator<Record<string, Cell>[]> {
  for await (const lots of owedLots(db)) {
    yield lots.map((lot) => ({
      customer: lot.workspace,
      customer_id: lot.workspace_id,
      external_id: lot.external_id,
      lot: { number: String(lot.number) },
      source: lot.source,
      granted_utc: lot.granted_at.toISOString(),
      expires_utc: lot.expires_at?.toISOString() ?? null,
      payment: lot.payment_id,
      credits_granted: { number: decimalCredits(lot.granted) },
      credits_remaining: { number: decimalCredits(lot.remaining) },
      currency: lot.currency,
      cost: moneyCell(lot.cost_minor, lot.currency),
      owed: moneyCell(lot.owed_minor, lot.currency),
    }));
  }
}

function moneyCell(minor: bigint, currency: string): Cell {
  const decimals = currencyDecimals(currency);
  const { sign, whole, fraction } = partsOfDecimal(minor, decimals);
  return { number: `${sign < 0 ? '-' : ''}${whole}${decimals === 0 ? '' : `.${fraction}`}` };
}
