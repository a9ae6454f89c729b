import { type Forecast, HORIZON_DAYS } from '../../core/forecasts.ts';
import { instantOf } from '../../core/instant.ts';
import type { Level } from '../../core/levels.ts';
import type { DailyUse } from '../../ledger/daily-use.ts';
import type { Show } from '../../lib/formatting.ts';
import { daysUntil, noonOf } from './days.ts';
import { type PageLot, expiries } from './facts.ts';

/** How many days the picture shows: whole weeks in each quarter of it. */
const SPANS = [28, 56, 84, 168];
const LONGEST_SPAN = 364;

/**
 * The days to come as a line: solid as long as credits last for sure, hatched while they may, a mark
 * on the likeliest day and a ring where some expire. Undefined where nothing can be drawn.
 */
export function runwayOf(
  forecast: Forecast<PageLot>,
  level: Level,
  lots: readonly PageLot[],
  use: DailyUse,
  show: Show,
) {
  if (level === 'unlimited' || level === 'frozen' || !('unused' in forecast)) return undefined;
  const [next] = expiries(lots);
  const expires = next && daysUntil(use, instantOf(next.at));
  const isOver = forecast.kind === 'runs_out';
  const last = isOver ? (forecast.latest ?? HORIZON_DAYS) : (expires ?? 0);
  const span = SPANS.find((days) => days > last + 1) ?? LONGEST_SPAN;
  const place = (days: number): number => Math.min(100, Math.round((days * 1_000) / span) / 10);
  const sure = isOver ? place(forecast.earliest) : 100;
  // The day on which it may end is not over yet.
  const likely = isOver ? place((forecast.latest ?? HORIZON_DAYS) + 1) - sure : 0;
  const out = isOver ? place(forecast.day + 0.5) : undefined;
  const ring = expires !== undefined && expires < span ? place(expires) : undefined;
  if (!isOver && ring === undefined) return undefined;
  const outText = isOver ? show.dayOfMonth(noonOf(use, forecast.day)) : undefined;
  const ringText = next && `${show.credits(next.amount_micro)} expire ${show.dayOfMonth(next.at)}`;
  return {
    ...{ sure, likely, out, ring },
    weeks: [25, 50, 75],
    texts: [
      ...(out !== undefined && out < 24 ? [] : [{ x: 0, row: 0, anchor: 'start', text: 'today' }]),
      ...(out === undefined || outText === undefined ? [] : [textAt(out, 0, outText)]),
      ...(ring === undefined || ringText === undefined ? [] : [textAt(ring, 1, ringText)]),
    ],
    label: labelOf(forecast, ring === undefined ? undefined : ringText, span, use, show),
  };
}

function textAt(x: number, row: number, text: string) {
  const anchor = x < 30 ? 'start' : x > 70 ? 'end' : 'middle';
  return { x, row, anchor, text };
}

function labelOf(
  forecast: Forecast<PageLot>,
  expiry: string | undefined,
  span: number,
  use: DailyUse,
  show: Show,
): string {
  const also = expiry === undefined ? '' : `; ${expiry}`;
  if (forecast.kind !== 'runs_out') return `Credits last for the next ${span} days${also}`;
  const name = (day: number): string => show.date(noonOf(use, day));
  const latest = forecast.latest === null ? '' : `, by ${name(forecast.latest)} at the latest`;
  return `Credits last until ${name(forecast.earliest)}, and run out most likely on ${name(forecast.day)}${latest}${also}`;
}
