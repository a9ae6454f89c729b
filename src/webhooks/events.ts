import { z } from 'zod';
import type { AlertKind } from '../core/alerts.ts';
import { decimalCredits } from '../core/credits.ts';
import { type Instant, rfc3339 } from '../core/instant.ts';
import type { OutboxMessage } from '../ledger/outbox.ts';

/** Every event that an endpoint can want, in the order in which they are shown. */
export const EVENT_TYPES = [
  'balance.low',
  'balance.exhausted',
  'balance.recovered',
  'credits.purchased',
  'credits.granted',
  'credits.refunded',
  'credits.expiring_soon',
  'credits.expired',
  'hold.expired',
  'budget.reached',
  'alert.raised',
  'alert.recovered',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** When each is told. */
export const EVENT_MEANINGS: Record<EventType, string> = {
  'balance.low': 'what is available fell below the mark',
  'balance.exhausted': 'nothing is available any more',
  'balance.recovered': 'something is available again, or as much as the mark',
  'credits.purchased': 'credits were bought',
  'credits.granted': 'credits came in another way',
  'credits.refunded': 'a charge was given back, whole or in part',
  'credits.expiring_soon': 'credits expire within seven days',
  'credits.expired': 'credits ran out of time',
  'hold.expired': 'a hold came to its deadline, and what was left came back',
  'budget.reached': 'nothing is left of a budget, or its warning was reached',
  'alert.raised':
    'an alert of the workspace was raised: few credits, soon none, unusual use, a card',
  'alert.recovered': 'what an alert told of is over',
};

export const EXPIRING_SOON_DAYS = 7;

type Whose = Pick<OutboxMessage, 'livemode' | 'wallet_id' | 'external_id' | 'slug'>;

/** An alert that was raised, in the form of this API. */
export interface RaisedNews extends Whose {
  id: string;
  kind: AlertKind;
  workspace_id: string;
  facts: object;
  raised_at: Date;
}

/** What is sent, to the letter. */
export interface Message {
  type: EventType | 'webhook.test';
  body: string;
}

/** What the outbox has of one moment as it is told: several messages where several budgets are at their end. */
export function messagesOf(told: OutboxMessage): Message[] {
  switch (told.kind) {
    case 'alert_below':
      return [message(told, 'balance.low', { threshold: thresholdOf(told) })];
    case 'alert_above':
      return [message(told, 'balance.recovered', { threshold: thresholdOf(told) })];
    case 'exhausted':
      return [message(told, 'balance.exhausted', {})];
    case 'recovered':
      return [message(told, 'balance.recovered', { threshold: '0' })];
    case 'budget_reached':
    case 'budget_warning':
      return Budgets.parse(told.payload).budgets.map((budget) =>
        message(told, 'budget.reached', { budget }),
      );
    case 'expiring_soon':
      return [expiringSoon(told)];
    case 'watched':
      // Whoever watches the wallet looks what it means.
      return [];
    default:
      return [newsMessage(told, told.kind)];
  }
}

/** An alert as it is told; nothing where its moment has an event of its own. */
export function messageOfAlert(alert: RaisedNews): Message[] {
  const { kind, facts, raised_at } = alert;
  if (kind === 'budget_reached') return [];
  const type = kind === 'recovered' ? 'alert.recovered' : 'alert.raised';
  const data = { ...whoseOf(alert), alert: alert.id, kind, ...facts };
  return [{ type, body: bodyOf(type, raised_at.toISOString(), data) }];
}

/** A message that tells nothing, by which somebody tries an endpoint. */
export function testMessage(of: { livemode: boolean; workspace?: string }, at: Date): Message {
  return { type: 'webhook.test', body: bodyOf('webhook.test', at.toISOString(), of) };
}

function newsMessage(
  told: OutboxMessage,
  kind: 'purchased' | 'granted' | 'refunded' | 'expired' | 'hold_expired',
): Message {
  const { entry, lots } = told;
  const amount = decimalCredits(entry.amount);
  const moved = (to: string) => lots.filter((lot) => lot.to === to).map(lotOf);
  switch (kind) {
    case 'purchased':
      return message(told, 'credits.purchased', {
        amount,
        payment: entry.payment_id ?? undefined,
        lots: moved('a'),
      });
    case 'granted':
      return message(told, 'credits.granted', { amount, lots: moved('a') });
    case 'refunded':
      return message(told, 'credits.refunded', {
        amount,
        charge: numberOf(entry.parent_seq),
      });
    case 'expired': {
      const expired = lots.filter((lot) => lot.to === 'e');
      const sum = expired.reduce((total, lot) => total + lot.amount, 0n);
      return message(told, 'credits.expired', { amount: decimalCredits(sum), lots: moved('e') });
    }
    case 'hold_expired':
      return message(told, 'hold.expired', {
        amount,
        hold_id: entry.hold_id ?? undefined,
        operation: entry.operation ?? undefined,
      });
  }
}

/** Its wallet may have changed since the entry that granted the lots, so nothing is said of it. */
function expiringSoon(told: OutboxMessage): Message {
  const { lots } = ExpiringLots.parse(told.payload);
  const amount = lots.reduce((total, lot) => total + lot.amount, 0n);
  return {
    type: 'credits.expiring_soon',
    body: bodyOf('credits.expiring_soon', rfc3339(told.at), {
      ...whoseOf(told),
      amount: decimalCredits(amount),
      lots: lots.map(lotOf),
    }),
  };
}

function message(told: OutboxMessage, type: EventType, about: object): Message {
  const { entry } = told;
  const data = {
    ...whoseOf(told),
    entry: numberOf(entry.seq),
    ...about,
    available: decimalCredits(entry.available_after),
    held: decimalCredits(entry.held_after),
    debt: decimalCredits(entry.debt_after),
  };
  return { type, body: bodyOf(type, rfc3339(told.at), data) };
}

function bodyOf(type: Message['type'], timestamp: string, data: object): string {
  return JSON.stringify({ type, timestamp, data });
}

/** A customer by the product's own id, a workspace with members by its slug, as in the API. */
function whoseOf({ livemode, wallet_id, external_id, slug }: Whose): object {
  const whose = external_id === null ? { workspace: slug } : { customer: external_id };
  return { livemode, wallet: wallet_id, ...whose };
}

function lotOf(lot: {
  number: number;
  amount: bigint;
  source: string;
  expires_at: Instant | null;
}): object {
  const { number, amount, source, expires_at } = lot;
  return {
    lot: number,
    amount: decimalCredits(amount),
    source,
    expires_at: expires_at === null ? null : rfc3339(expires_at),
  };
}

/** Entries are numbered from 1 in their wallet: none comes near to what JSON's numbers can count. */
function numberOf(seq: bigint | null): number | undefined {
  return seq === null ? undefined : Number(seq);
}

const whole = z.string().transform(BigInt);
const credits = whole.transform(decimalCredits);

function thresholdOf({ payload }: OutboxMessage): string {
  return z.object({ limit: credits }).parse(payload).limit;
}

const Budgets = z.object({
  budgets: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      period: z.string(),
      hard: z.boolean(),
      limit: credits,
      used: credits,
      resets_at: whole.transform(rfc3339).nullable(),
    }),
  ),
});

const ExpiringLots = z.object({
  lots: z.array(
    z.object({ number: z.number(), amount: whole, source: z.string(), expires_at: whole }),
  ),
});
