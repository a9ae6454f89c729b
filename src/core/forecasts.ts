import { type BurnRate, burnRateOf } from './burn-rates.ts';
import { least } from './credits.ts';
import { type Instant, MICROSECONDS_PER_SECOND } from './instant.ts';

/** Nobody is told of a day that is further away. */
export const HORIZON_DAYS = 400;
const DAY = 86_400n * MICROSECONDS_PER_SECOND;
const WEEK = 7;
/** With two weeks or more, each weekday has days of its own to be judged by. */
const WEEKDAYS_FROM = 14;
/** Four times of five the use to come is between the two edges, if it goes on as it did. */
const EDGE_THOUSANDTHS = 1_282n;

/** Credits that are there, in the order in which lots burn. */
export interface SpendableLot {
  available_micro: bigint;
  expires_at: Instant | null;
  /** The only operations that may burn it; null for all. */
  operations: readonly string[] | null;
}

export interface ForecastInput<Lot extends SpendableLot = SpendableLot> {
  /** What can be spent now: not what is held. */
  lots: readonly Lot[];
  /** What was spent on each of the whole days that are known, the last of them yesterday. */
  history: readonly bigint[];
  /** Of that, by operation: who may burn a lot that is for some operations only. */
  by_operation: ReadonlyMap<string, bigint>;
  now: Instant;
  /** When the day of `now` began. */
  today_starts_at: Instant;
}

/** What of a lot nobody will have spent when it expires, if use goes on as it did. */
export interface Unused<Lot> {
  lot: Lot;
  unused_micro: bigint;
}

export type Forecast<Lot extends SpendableLot = SpendableLot> =
  /** There is nothing to run out. */
  | { kind: 'nothing_left' }
  /** Too few whole days are known. */
  | { kind: 'too_early'; days: number }
  /** Nothing is spent: only time takes something. */
  | { kind: 'no_use'; unused: Unused<Lot>[] }
  | {
      kind: 'lasts';
      rate: BurnRate;
      unused: Unused<Lot>[];
      /** The first day on which it may be over all the same; null when not within the horizon. */
      earliest: number | null;
    }
  | {
      kind: 'runs_out';
      rate: BurnRate;
      /** Days from today, which is 0. */
      day: number;
      earliest: number;
      /** Null when it may last longer than the horizon. */
      latest: number | null;
      /** Whether it is spent, or expires. */
      by: 'use' | 'expiry';
      unused: Unused<Lot>[];
    };

/**
 * When credits run out: the days to come are lived through with what like weekdays took before, once
 * with the mean and once with each edge of its spread, lots burning in their order and expiring.
 */
export function forecast<Lot extends SpendableLot>(input: ForecastInput<Lot>): Forecast<Lot> {
  const { lots, history } = input;
  if (lots.every((lot) => lot.available_micro <= 0n)) return { kind: 'nothing_left' };
  const rate = burnRateOf(history);
  if (history.length === 0 || rate?.spent_micro === 0n) {
    return { kind: 'no_use', unused: allThatExpires(lots) };
  }
  if (rate === undefined) return { kind: 'too_early', days: history.length };
  const moments = momentsOf(input);
  const demand = demandOf(input, moments);
  const live = (edge: bigint) => liveThrough(input, moments, demand(edge));
  const [most, mean, fewest] = [live(EDGE_THOUSANDTHS), live(0n), live(-EDGE_THOUSANDTHS)];
  const { unused, over } = mean;
  const earliest = most.over?.day ?? null;
  if (over === undefined) return { kind: 'lasts', rate, unused, earliest };
  return {
    ...{ kind: 'runs_out', rate, ...over, unused },
    earliest: Math.min(earliest ?? over.day, over.day),
    latest: fewest.over === undefined ? null : Math.max(fewest.over.day, over.day),
  };
}

function allThatExpires<Lot extends SpendableLot>(lots: readonly Lot[]): Unused<Lot>[] {
  return lots
    .filter((lot) => lot.expires_at !== null && lot.available_micro > 0n)
    .map((lot) => ({ lot, unused_micro: lot.available_micro }));
}

/** A stretch of a day: until the day ends, or a lot expires in it. */
interface Moment {
  day: number;
  until: Instant;
  /** How long it is. */
  length: bigint;
}

/** Days are taken for 24 hours: a forecast does not mind the hour of a clock that is changed. */
function momentsOf({ lots, now, today_starts_at }: ForecastInput): Moment[] {
  const end = today_starts_at + BigInt(HORIZON_DAYS) * DAY;
  const ends = Array.from(
    { length: HORIZON_DAYS },
    (_, day) => today_starts_at + BigInt(day + 1) * DAY,
  );
  const expiries = lots.flatMap(({ expires_at }) => expires_at ?? []);
  const all = [...new Set([...ends, ...expiries])].filter((at) => at > now && at <= end);
  all.sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  return all.map((until, index) => {
    const from = all[index - 1] ?? now;
    const day = Number((from - today_starts_at) / DAY);
    return { day, until, length: until - from };
  });
}

/** What days of a kind took: those of one weekday, or all while too few of each are known. */
interface Kind {
  days: bigint;
  mean: bigint;
  /** Of one day. */
  variance: bigint;
}

function kindsOf(history: readonly bigint[]): Kind[] {
  const count = history.length < WEEKDAYS_FROM ? 1 : WEEK;
  return Array.from({ length: count }, (_, kind) => {
    const values = history.filter((_spent, day) => day % count === kind);
    const days = BigInt(values.length);
    const mean = values.reduce((sum, spent) => sum + spent, 0n) / days;
    const squares = values.reduce((sum, spent) => sum + (spent - mean) ** 2n, 0n);
    return { days, mean: mean > 0n ? mean : 0n, variance: squares / (days - 1n || 1n) };
  });
}

/**
 * What is asked for in each moment, on an edge of the spread: by how much the sum of the days until
 * then may differ, since days differ and since their mean is known from few of them.
 */
function demandOf({ history }: ForecastInput, moments: readonly Moment[]) {
  const kinds = kindsOf(history).map((kind) => ({ ...kind, passed: 0n, doubt: 0n }));
  let [mean, variance] = [0n, 0n];
  const sums = moments.map(({ day, length }) => {
    const kind = kinds[(history.length + day) % kinds.length];
    if (kind === undefined) throw new Error('every day is of a kind');
    kind.passed += length;
    const doubt = (kind.variance * kind.passed ** 2n) / (DAY ** 2n * kind.days);
    variance += (kind.variance * length) / DAY + doubt - kind.doubt;
    kind.doubt = doubt;
    mean += (kind.mean * length) / DAY;
    return { mean, spread: BigInt(Math.round(Math.sqrt(Number(variance)))) };
  });
  return (edge: bigint): bigint[] => {
    let asked = 0n;
    return sums.map((sum) => {
      const until = sum.mean + (sum.spread * edge) / 1_000n;
      const now = until > asked ? until - asked : 0n;
      asked += now;
      return now;
    });
  };
}

interface Lived<Lot> {
  over: { day: number; by: 'use' | 'expiry' } | undefined;
  unused: Unused<Lot>[];
}

/** Spends what is asked for, moment by moment, and lets lots expire. */
function liveThrough<Lot extends SpendableLot>(
  input: ForecastInput<Lot>,
  moments: readonly Moment[],
  demand: readonly bigint[],
): Lived<Lot> {
  let left = input.lots.map((lot) => ({ lot, micro: lot.available_micro }));
  const split = splitOf(input);
  const unused: Unused<Lot>[] = [];
  let over: Lived<Lot>['over'];
  for (const [index, { day, until }] of moments.entries()) {
    const isShort = spend(left, split(demand[index] ?? 0n));
    if (isShort) over ??= { day, by: 'use' };
    const hasExpired = ({ lot }: (typeof left)[number]): boolean =>
      lot.expires_at !== null && lot.expires_at <= until;
    // Nothing ends in most moments, of which there are hundreds.
    if (left.every((one) => one.micro > 0n && !hasExpired(one))) continue;
    const expired = left.filter(hasExpired);
    unused.push(...expired.map(({ lot, micro }) => ({ lot, unused_micro: micro })));
    left = left.filter((one) => one.micro > 0n && !expired.includes(one));
    if (left.length > 0) continue;
    over ??= { day, by: expired.some(({ micro }) => micro > 0n) ? 'expiry' : 'use' };
    break;
  }
  return { over, unused: unused.filter(({ unused_micro }) => unused_micro > 0n) };
}

/** A part of what is asked for: by one operation, or by all that no lot is limited to. */
interface Part {
  operation: string | undefined;
  micro: bigint;
}

/** Parts what is asked for between the operations that lots are limited to and the rest. */
function splitOf({ lots, by_operation }: ForecastInput): (micro: bigint) => Part[] {
  const named = [...new Set(lots.flatMap((lot) => lot.operations ?? []))];
  const positive = [...by_operation].map(
    ([name, micro]) => [name, micro > 0n ? micro : 0n] as const,
  );
  const all = positive.reduce((sum, [, micro]) => sum + micro, 0n);
  if (named.length === 0 || all === 0n) return (micro) => [{ operation: undefined, micro }];
  const shares = positive.filter(([name]) => named.includes(name));
  return (micro) => {
    const parts: Part[] = shares.map(([operation, share]) => {
      return { operation, micro: (micro * share) / all };
    });
    const rest = micro - parts.reduce((sum, part) => sum + part.micro, 0n);
    return [...parts, { operation: undefined, micro: rest }];
  };
}

/** Takes the parts from lots in their order. Whether something is left that no lot could pay. */
function spend(left: { lot: SpendableLot; micro: bigint }[], parts: Part[]): boolean {
  for (const part of parts) {
    for (const one of left) {
      if (part.micro === 0n) break;
      if (!mayBurn(one.lot, part)) continue;
      const taken = least(one.micro, part.micro);
      one.micro -= taken;
      part.micro -= taken;
    }
  }
  return parts.some(({ micro }) => micro > 0n);
}

function mayBurn({ operations }: SpendableLot, { operation }: Part): boolean {
  return operations === null || (operation !== undefined && operations.includes(operation));
}
