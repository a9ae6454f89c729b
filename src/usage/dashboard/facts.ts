import { RATE_DAYS, RATE_DAYS_LEAST, averageDayOf, historyOf } from '../../core/burn-rates.ts';
import { changeInWords } from '../../core/changes.ts';
import { type Forecast, HORIZON_DAYS } from '../../core/forecasts.ts';
import { instantOf } from '../../core/instant.ts';
import type { Level } from '../../core/levels.ts';
import type { Balance, OpenLot } from '../../ledger/balances.ts';
import type { DailyUse } from '../../ledger/daily-use.ts';
import { rateOf } from '../../ledger/levels.ts';
import type { Show } from '../../lib/formatting.ts';
import { type Wording, lotTitle, onlyFor } from '../entry-rows.ts';
import { noonOf } from './days.ts';

/** A line of what the page knows: the figure, perhaps a day, and what it rests on. */
export interface Fact {
  label: string;
  figure: string;
  /** After the figure, in second voice. */
  unit?: string;
  /** The day that the figure is, or that the unit names. */
  at?: Date;
  why: string;
}

/** A lot as a forecast takes it. */
export interface PageLot {
  lot: OpenLot;
  available_micro: bigint;
  expires_at: bigint | null;
  operations: readonly string[] | null;
}

export function pageLot(lot: OpenLot): PageLot {
  const { available_micro, expires_at, operations } = lot;
  return {
    ...{ lot, available_micro, operations },
    expires_at: expires_at === null ? null : instantOf(expires_at),
  };
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);

/** What is used a day, with the change against the 28 days before. */
export function burnFact(use: DailyUse, balance: Balance, show: Show): Fact {
  const label = 'Burn rate';
  const whole = use.spent_micro.slice(0, -1);
  const history = historyOf(whole);
  const rate = rateOf(use);
  if (balance.unlimited && !(rate && rate.spent_micro > 0n)) {
    return { label, figure: show.credits(0n), unit: 'a day', why: 'Use costs nothing at present' };
  }
  if (history.length === 0) {
    const why = hasBegun(use)
      ? 'What is used today counts from tomorrow on'
      : `Nothing was used in the last ${whole.length} days`;
    return { label, figure: show.credits(0n), unit: 'a day', why };
  }
  if (rate === undefined) {
    const left = RATE_DAYS_LEAST - history.length;
    const days = `${left} ${show.plural('day', left)}`;
    return { label, figure: 'Not yet', why: `A rate takes whole days to tell: ${days} more` };
  }
  const figure = show.credits(averageDayOf(rate));
  const spent = show.credits(rate.spent_micro);
  if (rate.days < RATE_DAYS) {
    const why = `${spent} in the ${rate.days} whole days since use began`;
    return { label, figure, unit: 'a day', why };
  }
  const change = changeInWords(rate.spent_micro, sumOf(whole.slice(0, RATE_DAYS)));
  const compared = change === undefined ? '' : `, ${change} in the 28 before`;
  return {
    label,
    figure,
    unit: 'a day',
    why: `${spent} in the 28 days until yesterday${compared}`,
  };
}

/** Something is used today, and nothing was before. */
function hasBegun({ spent_micro }: DailyUse): boolean {
  return (spent_micro.at(-1) ?? 0n) > 0n;
}

/** When credits run out, or why nobody can tell. */
export function runOutFact(
  forecast: Forecast<PageLot>,
  level: Level,
  use: DailyUse,
  show: Show,
): Fact {
  const label = 'Runs out';
  if (level === 'unlimited') return { label, figure: 'Never', why: 'As long as it is unlimited' };
  if (level === 'frozen') {
    return { label, figure: 'On hold', why: 'Nothing can be spent until it is opened again' };
  }
  switch (forecast.kind) {
    case 'nothing_left':
      return { label, figure: 'Now', why: 'Nothing is left to spend' };
    case 'too_early':
      return { label, figure: 'Not known', why: 'Too few whole days of use are known to tell' };
    case 'no_use':
      return hasBegun(use)
        ? { label, figure: 'Not known', why: 'Use has begun today: it takes whole days to tell' }
        : { label, figure: 'Not by use', why: 'Nothing is being used' };
    case 'lasts':
      return {
        ...{ label, figure: 'In over a year' },
        why: `More than ${HORIZON_DAYS} days at this rate${earliestOf(forecast.earliest, use, show)}`,
      };
    case 'runs_out': {
      const at = noonOf(use, forecast.day);
      return { label, figure: dayOf(at, use, show), at, why: rangeOf(forecast, use, show) };
    }
  }
}

function earliestOf(day: number | null, use: DailyUse, show: Show): string {
  return day === null ? '' : `, or from ${show.date(noonOf(use, day))} on if more is used`;
}

/** With the year where it is another one. */
function dayOf(at: Date, use: DailyUse, show: Show): string {
  return isThisYear(at, use, show) ? show.weekday(at) : show.shortDate(at);
}

function isThisYear(at: Date, use: DailyUse, show: Show): boolean {
  return show.isoDay(at).slice(0, 4) === show.isoDay(noonOf(use, 0)).slice(0, 4);
}

function rangeOf(
  forecast: Extract<Forecast, { kind: 'runs_out' }>,
  use: DailyUse,
  show: Show,
): string {
  const { day, earliest, latest, by } = forecast;
  const about = day === 0 ? 'Today' : day === 1 ? 'Tomorrow' : `In about ${day} days`;
  if (by === 'expiry') return `${about}, when what is left expires`;
  const name = (one: number): string => dayOf(noonOf(use, one), use, show);
  const rests = forecast.rate.days < RATE_DAYS ? 'as far as few days tell' : 'as your week goes';
  if (latest === null) return `${about}; not before ${name(earliest)}, perhaps much later`;
  if (earliest === latest) return `${about}, ${rests}`;
  return `${about}; between ${name(earliest)} and ${name(latest)}, ${rests}`;
}

/** Which credits expire next, what of them would go unused, and how long the others are good. */
export function expiryFact(
  forecast: Forecast<PageLot>,
  lots: readonly PageLot[],
  { use, wording }: { use: DailyUse; wording: Wording },
  show: Show,
): Fact {
  const label = 'Next expiry';
  const [next, ...later] = expiries(lots);
  if (next === undefined) {
    return { label, figure: 'None', why: 'Nothing that you have is set to expire' };
  }
  const unused =
    'unused' in forecast
      ? sumOf(
          forecast.unused
            .filter(({ lot }) => next.lots.includes(lot))
            .map(({ unused_micro }) => unused_micro),
        )
      : undefined;
  const names = [...new Set(next.lots.map(({ lot }) => lotTitle(lot)))].join(', ');
  const sentences = [
    `${names}${limitOf(next.lots, wording)}.`,
    unusedOf(unused, next.amount_micro, forecast, show),
    othersOf(lots, next.amount_micro, later[0]?.at, show),
  ];
  return {
    label,
    figure: show.credits(next.amount_micro),
    unit: `on ${isThisYear(next.at, use, show) ? show.dayOfMonth(next.at) : show.shortDate(next.at)}`,
    at: next.at,
    why: sentences.filter((one) => one !== '').join(' '),
  };
}

function unusedOf(
  unused: bigint | undefined,
  all: bigint,
  forecast: Forecast<PageLot>,
  show: Show,
): string {
  if (unused === undefined) return '';
  if (forecast.kind === 'no_use') return 'It goes unused as long as nothing is used.';
  if (unused === 0n) return 'Used before that at this rate.';
  return unused === all
    ? 'At this rate all of it goes unused.'
    : `At this rate ${show.credits(roundedUp(unused))} of it goes unused.`;
}

/** An estimate to the hundredth; never nothing for something. */
function roundedUp(micro: bigint): bigint {
  return ((micro + 9_999n) / 10_000n) * 10_000n;
}

function limitOf(lots: readonly PageLot[], wording: Wording): string {
  const codes = [...new Set(lots.flatMap(({ operations }) => operations ?? []))];
  return onlyFor(codes, wording)
    .map((only) => `; good ${only}`)
    .join('');
}

function othersOf(
  lots: readonly PageLot[],
  next_micro: bigint,
  at: Date | undefined,
  show: Show,
): string {
  const others = sumOf(lots.map(({ available_micro }) => available_micro)) - next_micro;
  if (others <= 0n) return '';
  const keeps = at === undefined ? 'do not expire' : `keep until ${show.date(at)} at least`;
  return `The other ${show.credits(others)} ${keeps}.`;
}

export interface Expiry {
  at: Date;
  amount_micro: bigint;
  lots: PageLot[];
}

/** What can be spent and expires, by moment, the soonest first. */
export function expiries(lots: readonly PageLot[]): Expiry[] {
  const found = new Map<number, Expiry>();
  for (const one of lots) {
    const at = one.lot.expires_at;
    if (at === null || one.available_micro <= 0n) continue;
    const known = found.get(at.getTime()) ?? { at, amount_micro: 0n, lots: [] };
    known.amount_micro += one.available_micro;
    known.lots.push(one);
    found.set(at.getTime(), known);
  }
  return [...found.values()].sort((one, other) => one.at.getTime() - other.at.getTime());
}
