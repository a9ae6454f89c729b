import { type CreditFlows, creditFlowsOf, freeBySource } from '../../core/credit-flows.ts';
import type { LotSource } from '../../core/lots.ts';
import type { DayRange } from '../../core/usage-ranges.ts';
import {
  type Earned,
  activeWallets,
  booksUntil,
  creditsMoved,
  deferredOf,
  earnedIn,
} from '../../ledger/earned.ts';
import type { Db } from '../../lib/database.ts';

const SOURCES: Record<LotSource, string> = {
  purchase: 'with a purchase',
  bonus: 'bonus',
  plan: 'by a plan',
  rollover: 'rolled over',
  welcome: 'welcome',
  reward: 'rewards',
  promo: 'promo codes',
  adjustment: 'by hand',
  transfer: 'transferred',
  import: 'imported',
};

/** What is booked of some days: what became of credits, and of what was paid for them. */
export async function readEarnings(db: Db, days: DayRange) {
  const { done_until } = await booksUntil(db);
  const moved = await creditsMoved(db, days);
  const [before, during] = [creditFlowsOf(moved.before), creditFlowsOf(moved.during)];
  return {
    booked_until: done_until,
    active: await activeWallets(db, days),
    credits: creditRows(before, during),
    outstanding: before.outstanding + during.outstanding,
    free: freeBySource(moved.during).map(([source, amount]) => [SOURCES[source], amount] as const),
    money: (await earnedIn(db, days)).map(({ currency, before: earlier, during: now }) => ({
      currency,
      opening: deferredOf(earlier),
      ...now,
      rows: moneyRows(now),
      closing: deferredOf(earlier) + deferredOf(now),
      recognised: now.used_minor + now.expired_minor,
    })),
  };
}

interface CreditRow {
  name: string;
  why: string;
  during: bigint;
  all: bigint;
}

/** What came, then what went, as it changes what is outstanding; what never was is left out. */
function creditRows(before: CreditFlows, during: CreditFlows): CreditRow[] {
  const row = (flow: keyof CreditFlows, sign: 1n | -1n, name: string, why: string): CreditRow => ({
    ...{ name, why },
    during: sign * during[flow],
    all: sign * (before[flow] + during[flow]),
  });
  const always = [
    row('sold', 1n, 'Sold', 'In lots that cost something'),
    row('free', 1n, 'Granted free', 'In lots that cost nothing'),
    row('consumed', -1n, 'Consumed', 'Less what was given back of it'),
    row('expired', -1n, 'Expired', 'Nobody used them in time'),
    row('clawed_back', -1n, 'Clawed back', 'For money that went back, less what was reinstated'),
  ];
  const rare = [
    row('taken_away', -1n, 'Taken away', 'By hand'),
    row('debt', 1n, 'Owed by customers', 'Consumed or clawed back without being there'),
    row('written_off', 1n, 'Written off', 'Debt that was forgiven'),
    row('transferred', 1n, 'Transferred', 'Between wallets of which one is not counted'),
  ];
  return [...always, ...rare.filter(({ during: now, all }) => now !== 0n || all !== 0n)];
}

function moneyRows(now: Earned): (readonly [name: string, minor: bigint])[] {
  const rare = [
    ['Taken away by hand', -now.corrected_minor],
    ['Transferred', now.transferred_minor],
  ] as const;
  return [
    ['Sold', now.sold_minor],
    ['Recognised, as credits were consumed', -now.used_minor],
    ['Recognised, as credits expired', -now.expired_minor],
    ['Clawed back', -now.returned_minor],
    ...rare.filter(([, minor]) => minor !== 0n),
  ];
}
