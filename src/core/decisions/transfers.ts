import type { Refusal, Transfer } from '../commands.ts';
import type { Draft, NewLot } from '../draft.ts';
import type { Lot } from '../lots.ts';
import type { Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { repay } from './grants.ts';
import { legsOut } from './removals.ts';

/** How much of each lot was sent to other wallets before. */
export type SentBefore = ReadonlyMap<number, bigint>;

/**
 * The sender's half of a transfer: takes from the lots that burn first, and says which lots they are
 * to become. A wallet that owes keeps as much as it owes.
 */
export function send(
  draft: Draft,
  command: Transfer,
  sentBefore: SentBefore,
): { entry: Entry; lots: NewLot[] } | Refusal {
  const required = command.amount_micro;
  const legs = legsOut(draft, required, draft.wallet.debt);
  if ('code' in legs) return legs;
  const entry = draft.write({
    ...asTransfer(command),
    kind: 'transfer_out',
    amount: required,
    legs,
  });
  const sent = legs.map(({ lot: number, amount }) => {
    const lot = draft.lotOf(number);
    return successorOf(lot, amount, sentBefore.get(number) ?? 0n);
  });
  return { entry, lots: sent };
}

/** The receiver's half: what was sent arrives as new lots, and repays first what is owed. */
export function receive(draft: Draft, command: Transfer, lots: readonly NewLot[]): Entry {
  const numbers = lots.map((lot) => draft.addLot(lot));
  const entry = draft.write({
    ...asTransfer(command),
    kind: 'transfer_in',
    amount: command.amount_micro,
    legs: lots.map(({ granted }, index): Leg => {
      return { lot: numbers[index] ?? 0, from: 'outside', to: 'available', amount: granted };
    }),
  });
  repay(draft, entry, numbers);
  return entry;
}

/**
 * A part of a lot as a lot of the other wallet: it burns, expires and costs as before. Its share of
 * the cost is what the parts sent so far should have cost, rounded down, less what they did cost: so
 * the shares never come to more than the whole, and to the whole when everything is sent.
 */
function successorOf(lot: Lot, amount: bigint, sentBefore: bigint): NewLot {
  const costOf = (sent: bigint): bigint => (lot.cost_minor * sent) / lot.granted;
  return {
    source: lot.source,
    priority: lot.priority,
    expires_at: lot.expires_at,
    granted: amount,
    cost_minor: costOf(sentBefore + amount) - costOf(sentBefore),
    currency: lot.currency,
    // The payment is the sender's own, and so is what becomes of it.
    payment_id: null,
    subscription_id: null,
    operations: lot.operations,
  };
}

/** Both halves say between which wallets it was. */
function asTransfer(command: Transfer): ReturnType<typeof asAsked> {
  const { from_wallet_id, to_wallet_id, details } = command;
  const metadata = { ...details?.metadata, from_wallet_id, to_wallet_id };
  return { ...asAsked(command), details: { ...details, metadata } };
}
