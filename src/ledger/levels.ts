import { type BurnRate, burnRateOf, historyOf } from '../core/burn-rates.ts';
import { type LevelLimits, type MeasuredLevel, measureLevel } from '../core/levels.ts';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Db } from '../lib/database.ts';
import { type AlertDefaults, USUAL_DEFAULTS, alertDefaultsIn } from './alert-defaults.ts';
import type { Balance } from './balances.ts';
import { type DailyUse, dailyUseOf } from './daily-use.ts';

let readCatalogue: ReadCatalogue = () => Promise.resolve([]);

/** Says where this process reads what this installation calls low and critical. */
export function configureLevels(read: ReadCatalogue): void {
  readCatalogue = read;
}

/** What this installation calls low and critical at the moment, and alerts of at first. */
export async function alertDefaultsNow(): Promise<AlertDefaults> {
  const [item] = await readCatalogue('alert_defaults');
  return item === undefined ? USUAL_DEFAULTS : alertDefaultsIn(item.content);
}

/**
 * How a wallet is doing: the same for the header, its pages and the API. The rate is that of whole
 * days in the wallet's own zone, whoever reads.
 */
export async function levelNow(db: Db, balance: Balance): Promise<MeasuredLevel> {
  return levelAt(balance, await rateNow(db, balance), await alertDefaultsNow());
}

/** As `levelNow`, where the rate is known. */
export function levelAt(
  balance: Balance,
  rate: BurnRate | undefined,
  limits: LevelLimits,
): MeasuredLevel {
  return measureLevel({ ...balance, rate }, limits);
}

/** What is used of a wallet a day; undefined when too little is known. */
export async function rateNow(db: Db, balance: Balance): Promise<BurnRate | undefined> {
  return rateOf(await dailyUseOf(db, balance, balance.time_zone, new Date()));
}

/** What is used a day, by the whole days that are known; undefined when these are too few. */
export function rateOf(use: DailyUse): BurnRate | undefined {
  return burnRateOf(historyOf(use.spent_micro.slice(0, -1)));
}
