import { averageDayOf, historyOf } from '../core/burn-rates.ts';
import { decimalCredits } from '../core/credits.ts';
import { type Forecast, forecast } from '../core/forecasts.ts';
import { type Instant, instantOf, rfc3339 } from '../core/instant.ts';
import { runOutNews, spikeIn } from '../core/usage-alerts.ts';
import { type Balance, balanceOf, openLotsOf } from '../ledger/balances.ts';
import { dailyUseOf } from '../ledger/daily-use.ts';
import {
  type WalletHour,
  greatestSpender,
  hoursOfUse,
  rolledUpUntil,
  walletsUsed,
} from '../ledger/hours-of-use.ts';
import { unwatchedOf } from '../ledger/watches.ts';
import type { Db, Trx } from '../lib/database.ts';
import { type Over, endAlerts, lastingOf } from './lasting.ts';
import { type NewAlert, type RaisedAlert, raise } from './raising.ts';
import { settingsOf } from './settings.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';
import { lookAtBalances } from './watching.ts';

const HOUR_MILLISECONDS = 3_600_000;
const DAY_MICROS = 86_400_000_000n;
const WALLETS_AT_ONCE = 100;
/** What spent more than this of an hour caused it. */
const CAUSE_SHARE = 2n;

interface Look {
  raised: NewAlert[];
  ended: Over[];
}

/**
 * Looks at the use of wallets that spent something since the last time: whether an hour was far above
 * the usual, and whether credits run out soon. Reads rollups, so a wallet with a million entries costs
 * what any other does. A repeat raises nothing twice.
 * @param db as the ledger
 */
export async function lookAtUsage(
  db: Db,
  links: UnsubscribeLinks,
  passOn: (trx: Trx, raised: readonly RaisedAlert[]) => Promise<void>,
  now = new Date(),
): Promise<void> {
  const until = await rolledUpUntil(db);
  if (until === null) return;
  const { done_until } = await db
    .selectFrom('alert_progress')
    .select('done_until')
    .where('task', '=', 'usage')
    .executeTakeFirstOrThrow();
  const from = done_until ?? new Date(until.getTime() - HOUR_MILLISECONDS);
  if (from >= until) return;
  const ids = [...new Set([...(await walletsUsed(db, from, until)), ...(await lastingOf(db))])];
  for (let start = 0; start < ids.length; start += WALLETS_AT_ONCE) {
    const some = ids.slice(start, start + WALLETS_AT_ONCE);
    const looks = await lookAtSome(db, some, until, now);
    await db.transaction().execute(async (trx) => {
      await passOn(trx, await lookAtBalances(trx, await unwatchedOf(trx, some), links));
      const ended = await endAlerts(trx, looks.ended);
      const raised = await raise(trx, [...looks.raised, ...ended], links);
      await passOn(trx, raised);
    });
  }
  await db
    .updateTable('alert_progress')
    .set({ done_until: until })
    .where('task', '=', 'usage')
    .execute();
}

async function lookAtSome(db: Db, ids: readonly string[], until: Date, now: Date): Promise<Look> {
  const wallets = await hoursOfUse(db, ids, until);
  const settingsFor = await settingsOf(
    db,
    wallets.map(({ workspace_id }) => workspace_id),
  );
  const looks: Look = { raised: [], ended: [] };
  for (const wallet of wallets) {
    const settings = settingsFor(wallet.workspace_id);
    const parts = [
      await lookForSpike(db, wallet, until, settings.spikes),
      await lookAhead(db, wallet, settings.run_out_days, now),
    ];
    for (const { raised, ended } of parts) {
      looks.raised.push(...raised);
      looks.ended.push(...ended);
    }
  }
  return looks;
}

const NOTHING: Look = { raised: [], ended: [] };

async function lookForSpike(
  db: Db,
  wallet: WalletHour,
  until: Date,
  isWanted: boolean,
): Promise<Look> {
  const news = isWanted ? spikeIn(wallet) : ({ outcome: 'usual' } as const);
  const { wallet_id, workspace_id, livemode, spent_micro } = wallet;
  if (news.outcome === 'between') return NOTHING;
  if (news.outcome === 'usual')
    return { raised: [], ended: [{ wallet_id, kind: 'spike', quiet: !isWanted }] };
  const spender = await greatestSpender(db, wallet, until);
  const cause =
    spender !== undefined && spender.spent_micro * CAUSE_SHARE >= spent_micro ? spender : undefined;
  const from = new Date(until.getTime() - HOUR_MILLISECONDS);
  const facts = {
    ...{ spent: decimalCredits(spent_micro), usual: decimalCredits(news.usual_micro) },
    ...{ from: from.toISOString(), until: until.toISOString() },
    api_key: cause?.id ?? null,
    api_key_name: cause?.name ?? null,
    api_key_spent: cause === undefined ? null : decimalCredits(cause.spent_micro),
  };
  const owner = { wallet_id, workspace_id, livemode };
  return { raised: [{ ...owner, kind: 'spike', subject: 'hour', facts }], ended: [] };
}

async function lookAhead(
  db: Db,
  { wallet_id, workspace_id, livemode }: WalletHour,
  days: number | null,
  now: Date,
): Promise<Look> {
  const balance = await balanceOf(db, workspace_id, livemode);
  if (balance === undefined || balance.unlimited) return NOTHING;
  const ahead = days === null ? undefined : await forecastOf(db, balance, now);
  const news = ahead === undefined ? 'later' : runOutNews(ahead.forecast, days);
  if (news === 'later')
    return { raised: [], ended: [{ wallet_id, kind: 'run_out', quiet: days === null }] };
  if (news !== 'soon' || ahead?.forecast.kind !== 'runs_out' || days === null) return NOTHING;
  const { day, earliest, latest, rate } = ahead.forecast;
  // At noon, which is the same day to readers elsewhere.
  const dayAt = (count: number): string =>
    rfc3339(ahead.today + BigInt(count) * DAY_MICROS + DAY_MICROS / 2n);
  const facts = {
    ...{ runs_out_at: dayAt(day), earliest: dayAt(earliest), days },
    latest: latest === null ? null : dayAt(latest),
    per_day: decimalCredits(averageDayOf(rate)),
    available: decimalCredits(balance.available_micro),
  };
  const owner = { wallet_id, workspace_id, livemode };
  return { raised: [{ ...owner, kind: 'run_out', subject: 'credits', facts }], ended: [] };
}

/** As the overview has it: the days are those of the wallet's own zone. */
async function forecastOf(
  db: Db,
  balance: Balance,
  now: Date,
): Promise<{ forecast: Forecast; today: Instant } | undefined> {
  const use = await dailyUseOf(db, balance, balance.time_zone, now);
  const today = use.days.at(-1)?.starts_at;
  if (today === undefined) return undefined;
  const lots = await openLotsOf(db, balance.wallet_id);
  const found = forecast({
    lots: lots.map(({ available_micro, expires_at, operations }) => ({
      available_micro,
      expires_at: expires_at === null ? null : instantOf(expires_at),
      operations,
    })),
    history: historyOf(use.spent_micro.slice(0, -1)),
    by_operation: new Map(
      [...use.by_operation].map(([operation, { spent_micro }]) => [operation, spent_micro]),
    ),
    now: instantOf(now),
    today_starts_at: today,
  });
  return { forecast: found, today };
}
