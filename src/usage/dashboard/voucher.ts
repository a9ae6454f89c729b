import type { Recommendation } from '../../core/recommendations.ts';
import type { DailyUse } from '../../ledger/daily-use.ts';
import type { Show } from '../../lib/formatting.ts';
import type { ShownWorkspace } from '../../workspaces/workspaces.ts';
import { lotTitle } from '../entry-rows.ts';
import { noonOf } from './days.ts';
import type { PageLot } from './facts.ts';

/** The one voucher of the page: what to do, why, and where. */
export interface Voucher {
  title: string;
  reason: string;
  action: { label: string; href: string };
}

/** A recommendation in words, or nothing where nothing helps. */
export function voucherOf(
  found: Recommendation<PageLot> | undefined,
  { base }: ShownWorkspace,
  use: DailyUse,
  show: Show,
): Voucher | undefined {
  switch (found?.kind) {
    case undefined:
      return undefined;
    case 'buy': {
      const { name } = found.package;
      return {
        title: `Buy ${name} ${whenOf(found.before_day, use, show)}`,
        reason: reasonToBuy(found, show),
        action: buyAction(found.package, base, show),
      };
    }
    case 'repay': {
      const { name, credits_micro } = found.package;
      const owed = show.credits(found.debt_micro);
      const left = credits_micro - found.debt_micro;
      const rest =
        left > 0n ? `leave ${show.plain(left)} to spend` : `leave ${show.plain(-left)} owed`;
      return {
        title: `Buy ${name} to go on`,
        reason: `The next ${owed} repay what is owed. ${show.plain(credits_micro)} credits ${rest}.`,
        action: buyAction(found.package, base, show),
      };
    }
    case 'use': {
      const { lot, available_micro } = found.lot;
      const until = lot.expires_at === null ? '' : ` before ${show.dayOfMonth(lot.expires_at)}`;
      return {
        title: `Use ${show.credits(available_micro)} credits${until}`,
        reason: `${lotTitle(lot)}: at your rate ${show.credits(roundedUp(found.unused_micro))} of it would go unused.`,
        action: { label: 'Use credits', href: `${base}/use` },
      };
    }
    case 'auto_top_up':
      return {
        title: 'Turn on auto top-up',
        reason: `You have bought credits ${found.purchases} times in 30 days. Auto top-up buys them with a saved card when few are left, within a limit that you set.`,
        action: { label: 'Set up auto top-up', href: `${base}/auto-top-up` },
      };
    case 'plan': {
      const { plan, uses_micro, costs_minor, saves_percent } = found;
      const gives =
        plan.credits_micro === null
          ? 'Unlimited use'
          : `${show.plain(plan.credits_micro)} credits a month`;
      return {
        title: `${plan.name} costs ${saves_percent} % less at your rate`,
        reason: `You use about ${show.plain(whole(uses_micro))} credits in 30 days, for about ${show.money(costs_minor, plan.currency)} as you buy them now. ${gives} cost ${show.money(plan.price_minor, plan.currency)}.`,
        action: { label: 'See the plans', href: `${base}/plans` },
      };
    }
  }
}

/** "before Thursday" within the week, "before 3 December" after it, "today" when it is near. */
function whenOf(day: number | undefined, use: DailyUse, show: Show): string {
  if (day === undefined) return 'to go on';
  if (day <= 1) return 'today';
  const at = noonOf(use, day);
  return `before ${day < 7 ? show.weekdayName(at) : show.dayOfMonth(at)}`;
}

function reasonToBuy(
  {
    package: { credits_micro, price_minor, currency },
    lasts_days,
    saving,
  }: Extract<Recommendation<PageLot>, { kind: 'buy' }>,
  show: Show,
): string {
  const each = show.pricePerCredit(price_minor, currency, credits_micro);
  const credits = `${show.plain(credits_micro)} credits`;
  const lasts =
    lasts_days === undefined
      ? `${credits} at ${each} each.`
      : `${credits} last you about ${lasts_days} ${show.plural('day', lasts_days)}.`;
  if (saving === undefined)
    return lasts_days === undefined ? lasts : `${lasts} They cost ${each} each.`;
  return `${lasts} At ${each} a credit they cost ${saving.percent} % less than ${saving.than}, which you bought last.`;
}

function buyAction(
  one: { code: string; name: string; price_minor: bigint; currency: string },
  base: string,
  show: Show,
): Voucher['action'] {
  return {
    label: `Buy ${one.name}, ${show.money(one.price_minor, one.currency)}`,
    href: `${base}/buy?package=${encodeURIComponent(one.code)}`,
  };
}

/** Estimates have no more decimals than they are worth. */
function roundedUp(micro: bigint): bigint {
  return ((micro + 9_999n) / 10_000n) * 10_000n;
}

function whole(micro: bigint): bigint {
  return ((micro + 500_000n) / 1_000_000n) * 1_000_000n;
}
