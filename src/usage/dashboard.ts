import { compareWith } from '../core/benchmarks.ts';
import { historyOf } from '../core/burn-rates.ts';
import { forecast } from '../core/forecasts.ts';
import { instantOf } from '../core/instant.ts';
import { recommend } from '../core/recommendations.ts';
import { type Balance, type OpenLot, openLotsOf } from '../ledger/balances.ts';
import { type DailyUse, dailyUseOf } from '../ledger/daily-use.ts';
import { entryPage } from '../ledger/entries.ts';
import { type HoldReport, openHolds } from '../ledger/holds.ts';
import { alertDefaultsNow, rateOf } from '../ledger/levels.ts';
import { liveWalletOf } from '../ledger/wallets.ts';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Db } from '../lib/database.ts';
import { type Reader, type Show, showFor } from '../lib/formatting.ts';
import { programmeNow } from '../workspaces/milestone-programme.ts';
import { type MilestoneProgramme, hrefOfStep, reachedSteps } from '../workspaces/milestones.ts';
import { type Purse, readPurse } from '../workspaces/scope.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { benchmarksNow } from './benchmark-list.ts';
import { daysUntil, todayOf } from './dashboard/days.ts';
import { type PageLot, burnFact, expiryFact, pageLot, runOutFact } from './dashboard/facts.ts';
import { reasonOf } from './dashboard/level-reasons.ts';
import { runwayOf } from './dashboard/runway.ts';
import { chartOf, operationsOf } from './dashboard/spending.ts';
import { voucherOf } from './dashboard/voucher.ts';
import { type Wording, lotTitle, onlyFor, rowOf, wordingForNewest } from './entry-rows.ts';
import type { ReadSelling, Selling } from './selling.ts';

const RECENT_ENTRIES = 6;
/** More lots than these are open nowhere; a forecast takes them all. */
const LOTS_READ = 500;
const LOTS_SHOWN = 20;
/** More work in progress is not counted. */
const HOLDS_COUNTED = 99;

export interface DashboardOptions {
  readSelling: ReadSelling;
  catalogue: ReadCatalogue;
}

/** Who looks at the page. */
export interface Onlooker {
  reader: Reader;
  may_manage: boolean;
  /** An owner whose address is verified. */
  is_verified_owner: boolean;
}

interface Known {
  workspace: ShownWorkspace;
  now: Date;
  balance: Balance;
  purse: Purse;
  use: DailyUse;
  open: OpenLot[];
  wording: Wording;
  selling: Selling;
}

/**
 * What the overview shows of a wallet, and the purse: all of one moment, in about a dozen reads, of
 * which those that need not wait for others are one message to the database.
 */
export async function dashboardOf(
  db: Db,
  workspace: ShownWorkspace,
  { readSelling, catalogue }: DashboardOptions,
  { reader, may_manage, is_verified_owner }: Onlooker,
) {
  const now = new Date();
  const milestones = await programmeNow(catalogue);
  const wallet_id = await liveWalletOf(db, workspace.id);
  const [{ balance, purse, plan_name }, open, { entries }, wording, selling, reached] =
    await Promise.all([
      readPurse(db, workspace.id),
      openLotsOf(db, wallet_id, LOTS_READ),
      entryPage(db, wallet_id, { limit: RECENT_ENTRIES }),
      wordingForNewest(db, wallet_id, RECENT_ENTRIES),
      readSelling(db, workspace, { may_manage }),
      stepsReached(db, workspace, milestones),
    ]);
  const [use, { holds }] = await Promise.all([
    dailyUseOf(db, balance, reader.time_zone, now),
    balance.held_micro > 0n ? openHolds(db, wallet_id, { limit: HOLDS_COUNTED }) : NO_HOLDS,
  ]);
  const show = showFor(reader);
  const known = { workspace, now, balance, purse, use, open, wording, selling };
  const page = {
    ...{ balance, now, selling, plan_name },
    level_reason: reasonOf(purse, await alertDefaultsNow()),
    held: heldFor(holds, known, show),
    ...outlookOf(known, show),
    chart: chartOf(use, workspace.base, show),
    operations: operationsOf(use, wording, workspace.base, show),
    benchmarks: compareWith(await benchmarksNow(catalogue), {
      rate: rateOf(use),
      by_operation: use.by_operation,
    }),
    lots: open.slice(0, LOTS_SHOWN).map((lot) => lotRow(lot, workspace, wording)),
    more_lots: Math.max(0, open.length - LOTS_SHOWN),
    rows: entries.map((entry) => rowOf(entry, wording, workspace.base)),
    first_steps: firstSteps(known, milestones, { reached, is_verified_owner }),
  };
  return { purse, page };
}

const NO_HOLDS = { holds: [] };

/** What is to come: the facts, their picture, and what would help. */
function outlookOf(
  { workspace, now, balance, purse, use, open, wording, selling }: Known,
  show: Show,
) {
  const { level } = purse;
  const lots = open.map(pageLot);
  const coming = forecast<PageLot>({
    lots,
    history: historyOf(use.spent_micro.slice(0, -1)),
    by_operation: new Map([...use.by_operation].map(([code, one]) => [code, one.spent_micro])),
    now: instantOf(now),
    today_starts_at: todayOf(use),
  });
  const advice = recommend<PageLot>({
    ...{ level, debt_micro: balance.debt_micro, rate: rateOf(use), forecast: coming },
    may_use: workspace.kind !== 'external',
    days_until: ({ expires_at }) => (expires_at === null ? Infinity : daysUntil(use, expires_at)),
    offers: selling.offers,
  });
  return {
    facts: [
      burnFact(use, balance, show),
      runOutFact(coming, level, use, show),
      expiryFact(coming, lots, { use, wording }, show),
    ],
    runway: runwayOf(coming, level, lots, use, show),
    voucher: voucherOf(advice, workspace, use, show),
  };
}

/** "1 call in progress", and where one begins that is alone. */
function heldFor(holds: readonly HoldReport[], { wording, workspace }: Known, show: Show) {
  const [first, ...others] = holds;
  if (first === undefined) return { text: 'work in progress', href: undefined };
  const name = wording.operations.get(first.operation ?? '')?.name.toLowerCase() ?? 'run';
  const isAlike = others.every(({ operation }) => operation === first.operation);
  const count = holds.length;
  const what = isAlike ? show.plural(name, count) : 'runs';
  return {
    text: `${count === HOLDS_COUNTED ? 'more than ' : ''}${show.count(count)} ${what} in progress`,
    href: count === 1 ? `${workspace.base}/history/${first.entry_seq}` : undefined,
  };
}

function lotRow(lot: OpenLot, { base }: ShownWorkspace, wording: Wording) {
  return {
    href: `${base}/history/${lot.entry_seq}`,
    title: lotTitle(lot),
    source: [`Lot ${lot.number}`, ...onlyFor(lot.operations, wording)].join(', '),
    left_micro: lot.available_micro + lot.held_micro,
    granted_micro: lot.granted_micro,
    expires_at: lot.expires_at ?? undefined,
  };
}

/** The steps that were reached; undefined where nobody is to be led: a customer starts nothing. */
async function stepsReached(
  db: Db,
  { id, kind }: ShownWorkspace,
  { steps }: MilestoneProgramme,
): Promise<Set<string> | undefined> {
  return kind === 'external' || steps.length === 0 ? undefined : reachedSteps(db, id);
}

/** What a new workspace does first, until it is left for later. */
function firstSteps(
  { workspace: { base }, use, selling, open }: Known,
  { steps }: MilestoneProgramme,
  {
    reached,
    is_verified_owner,
  }: { reached: ReadonlySet<string> | undefined } & Pick<Onlooker, 'is_verified_owner'>,
) {
  if (reached === undefined) return [];
  const bought =
    selling.offers.last_bought !== undefined || open.some(({ source }) => source === 'purchase');
  const spent = use.by_operation.size > 0 || use.spent_micro.some((micro) => micro !== 0n);
  return steps.map((step) => {
    const { code, title, when } = step;
    const isSeenHere =
      (when.kind === 'address_verified' && is_verified_owner) ||
      (when.kind === 'bought' && bought) ||
      (when.kind === 'charged' && when.operation === undefined && when.times === 1n && spent);
    return { title, done: isSeenHere || reached.has(code), href: hrefOfStep(step, base) };
  });
}
