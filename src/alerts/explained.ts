import type { AlertKind } from '../core/alerts.ts';
import type { Show } from '../lib/formatting.ts';
import type { ToldFacts } from './facts.ts';

/** An alert in words: what happened, and one thing to do about it. */
export interface Explained {
  title: string;
  sentences: readonly string[];
  facts: readonly { name: string; value: string }[];
  /** What to do, and where under the pages of the workspace. */
  action: { label: string; path: string };
  /** The key of the workspace that caused it, which can be paused. */
  key?: { id: string; name: string };
  tone: 'bad' | 'warn' | 'good';
}

type Facts<Kind extends AlertKind> = Extract<ToldFacts, { kind: Kind }>;

/** The same words for the page and for the mail. */
export function explain(told: ToldFacts, show: Show): Explained {
  switch (told.kind) {
    case 'balance_low':
      return balanceLow(told, show);
    case 'run_out':
      return runOut(told, show);
    case 'lot_expiring':
      return lotExpiring(told, show);
    case 'spike':
      return spike(told, show);
    case 'budget_reached':
      return budgetReached(told, show);
    case 'top_up_failed':
      return topUpFailed(told);
    case 'card_expiring':
      return cardExpiring(told, show);
    case 'recovered':
      return recovered(told, show);
  }
}

const BUY = { label: 'Buy credits', path: '/buy' };

function balanceLow(told: Facts<'balance_low'>, show: Show): Explained {
  const { mark, available, threshold, percent, bought_last, debt } = told;
  const owed = debt > 0n ? [`${show.plain(debt)} are owed, and are repaid first.`] : [];
  if (mark === 'empty') {
    return {
      title: 'Credits have run out',
      sentences: [
        'Nothing is available any more. What costs credits is refused until there are some.',
        ...owed,
      ],
      facts: [{ name: 'Bought last', value: show.credits(bought_last) }],
      ...{ action: BUY, tone: 'bad' },
    };
  }
  const measure =
    percent === null
      ? `your mark of ${show.plain(threshold)}`
      : `${percent} % of the ${show.plain(bought_last)} that came last`;
  return {
    title:
      mark === 'critical'
        ? `Only ${show.plain(available)} credits are left`
        : `Credits are low: ${show.plain(available)} left`,
    sentences: [`${show.plain(available)} credits are available, less than ${measure}.`, ...owed],
    facts: [
      { name: 'Available', value: show.credits(available) },
      { name: 'Told below', value: show.credits(threshold) },
    ],
    ...{ action: BUY, tone: mark === 'critical' ? 'bad' : 'warn' },
  };
}

function runOut(told: Facts<'run_out'>, show: Show): Explained {
  const on = show.date(told.runs_out_at);
  const [earliest, latest] = [
    show.date(told.earliest),
    told.latest === null ? undefined : show.date(told.latest),
  ];
  const range = latest === undefined ? `from ${earliest} on` : `between ${earliest} and ${latest}`;
  const likely = earliest === latest ? '' : `; most likely ${range}`;
  return {
    title: `Credits run out about ${on}`,
    sentences: [
      `${show.plain(told.available)} credits are available. At the pace of the last weeks, about ${show.plain(told.per_day)} a day, they last until about ${on}${likely}.`,
    ],
    facts: [
      { name: 'Available', value: show.credits(told.available) },
      { name: 'Spent a day', value: show.credits(told.per_day) },
    ],
    ...{ action: BUY, tone: 'warn' },
  };
}

function lotExpiring(told: Facts<'lot_expiring'>, show: Show): Explained {
  const when = told.days === 1 ? 'within a day' : `within ${told.days} days`;
  return {
    title: `${show.plain(told.amount)} credits expire ${when}`,
    sentences: [
      `What is left of lot ${told.lot} is good until ${show.dateTime(told.expires_at)}. What is not used by then is gone.`,
    ],
    facts: [
      { name: 'Left of the lot', value: show.credits(told.amount) },
      { name: 'Expires', value: show.dateTime(told.expires_at) },
    ],
    action: { label: 'Use credits', path: '/use' },
    tone: 'warn',
  };
}

function spike(told: Facts<'spike'>, show: Show): Explained {
  const { spent, usual, from, until, api_key, api_key_name, api_key_spent } = told;
  const by =
    api_key_name === null || api_key_spent === null
      ? 'No single key of this workspace caused it.'
      : `${show.plain(api_key_spent)} of it with the key ${api_key_name}.`;
  return {
    title: `Usage is far above the usual: ${show.plain(spent)} in an hour`,
    sentences: [
      `${show.plain(spent)} credits were spent between ${show.time(from)} and ${show.time(until)}; about ${show.plain(usual)} are usual at this hour of the week. ${by}`,
      ...(api_key === null
        ? []
        : [
            'If you did not expect this, pause the key: its requests are refused until you resume it.',
          ]),
    ],
    facts: [
      { name: 'Spent in the hour', value: show.credits(spent) },
      { name: 'Usual', value: show.credits(usual) },
    ],
    action: { label: 'See the history', path: '/history' },
    ...(api_key === null || api_key_name === null
      ? {}
      : { key: { id: api_key, name: api_key_name } }),
    tone: 'bad',
  };
}

const EVERY = {
  hour: 'this hour',
  day: 'today',
  week: 'this week',
  month: 'this month',
  all: 'in all',
};

function budgetReached(told: Facts<'budget_reached'>, show: Show): Explained {
  const { of, hard, limit, used, period, resets_at } = told;
  const whose = of === null ? 'of this workspace' : `of ${of}`;
  const again = resets_at === null ? '' : ` It begins anew ${show.dateTime(resets_at)}.`;
  return {
    title: hard ? `The budget ${whose} is used up` : `A warning: the budget ${whose} is reached`,
    sentences: [
      hard
        ? `${show.plain(used)} of ${show.plain(limit)} credits are spent ${EVERY[period]}; what goes beyond is refused.${again}`
        : `${show.plain(used)} credits are spent ${EVERY[period]}, the warning stands at ${show.plain(limit)}. Nothing is refused because of it.${again}`,
    ],
    facts: [
      { name: 'Spent', value: show.credits(used) },
      { name: 'Budget', value: show.credits(limit) },
    ],
    action: { label: 'See the history', path: '/history' },
    tone: hard ? 'bad' : 'warn',
  };
}

const WHY_STOPPED: Readonly<Record<string, string>> = {
  declined: 'The card was declined three times in a row.',
  not_confirmed: 'The bank wanted a charge to be confirmed, and nobody did so in time.',
  card_gone: 'The card that it charged is no longer saved.',
  card_changed: 'Another card was saved than the one that was agreed to.',
  offer_changed: 'The package that it bought is no longer sold at the price that was agreed to.',
  disputed: 'A payment is disputed at the bank.',
  refused: 'The payment provider refused to make the charge.',
};

function topUpFailed({ stopped, reason }: Facts<'top_up_failed'>): Explained {
  return {
    title: stopped ? 'Auto top-up has stopped' : 'Auto top-up: the card was declined',
    sentences: [
      stopped
        ? `${WHY_STOPPED[reason] ?? 'It could not go on.'} Nothing is bought by itself until somebody turns it on again.`
        : 'Credits were to be bought because few are left. Nothing was charged, and it is tried again later.',
    ],
    facts: [],
    action: { label: 'See auto top-up', path: '/auto-top-up' },
    tone: stopped ? 'bad' : 'warn',
  };
}

function cardExpiring({ card, expires }: Facts<'card_expiring'>, show: Show): Explained {
  const [year = '', month = ''] = expires.split('-');
  // The last day of its month, at noon, is that day in nearly every zone.
  const end = show.date(new Date(Date.UTC(Number(year), Number(month), 0, 12)));
  return {
    title: `The ${card} expires soon`,
    sentences: [
      `Auto top-up charges the ${card}, which is good until ${end}. Save another one before, so that credits go on coming.`,
    ],
    facts: [{ name: 'Good until', value: end }],
    action: { label: 'Save another card', path: '/auto-top-up' },
    tone: 'warn',
  };
}

const RECOVERED: Partial<Record<AlertKind, string>> = {
  run_out: 'Credits last longer again',
  spike: 'Usage is as usual again',
};

function recovered({ of, available }: Facts<'recovered'>, show: Show): Explained {
  return {
    title: RECOVERED[of] ?? 'There are enough credits again',
    sentences: [
      `${show.plain(available)} credits are available. There is nothing that you have to do.`,
    ],
    facts: [{ name: 'Available', value: show.credits(available) }],
    action: { label: 'See the overview', path: '' },
    tone: 'good',
  };
}
