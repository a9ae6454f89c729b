import type { Budget } from './budgets.ts';
import type { Instant } from './instant.ts';
import type { LotSource } from './lots.ts';
import type { PriceRule, Quantities } from './price-rules.ts';
import type { Asked, Details, IdempotencyKey } from './wallet.ts';

/** What every command on one wallet says. */
export interface Common {
  wallet_id: string;
  key: IdempotencyKey;
  asked: Asked;
  details?: Details;
}

/** Puts a new lot into the wallet. */
export interface Grant extends Common {
  kind: 'grant';
  amount_micro: bigint;
  source: LotSource;
  expires_at: Instant | null;
  /** The lower, the sooner it burns; by its source when absent. */
  priority?: number;
  cost_minor?: bigint;
  currency?: string;
  payment_id?: string;
  subscription_id?: string;
  operations?: readonly string[];
}

/** What a debit and a hold have in common: a quantity of an operation, at the price of its rule. */
interface Usage extends Common {
  operation: string;
  quantity: bigint;
  /** Undefined when the operation is not on sale: a key that was used is answered all the same. */
  rule: PriceRule | undefined;
  /** Of the rule's components that are measured by themselves. */
  components?: Quantities;
  /** The quote that locked the price. */
  quote?: string;
  /** Take as much as there is when it is not enough. */
  allow_partial?: boolean;
}

/** Charges a quantity of an operation. */
export interface Debit extends Usage {
  kind: 'debit';
  /** When the caller says that it happened; for analytics only. */
  occurred_at?: Instant;
}

/** Sets credits apart for work in progress. */
export interface HoldCredits extends Usage {
  kind: 'hold';
  hold_id: string;
  ttl_seconds: number;
}

/** Moves a hold's deadline to so many seconds from now, at most to the wallet's limit. */
export interface Extend extends Common {
  kind: 'extend';
  hold_id: string;
  ttl_seconds: number;
}

/** Charges what was really used of a hold; what is left comes back unless more is to follow. */
export interface Capture extends Common {
  kind: 'capture';
  hold_id: string;
  quantity: bigint;
  rule: PriceRule;
  components?: Quantities;
  more_to_follow?: boolean;
  allow_partial?: boolean;
  occurred_at?: Instant;
}

/** Gives back what is left of a hold. */
export interface Release extends Common {
  kind: 'release';
  hold_id: string;
}

/** Gives credits back for a debit or capture, to the lots that they came from. */
export interface Refund extends Common {
  kind: 'refund';
  entry_seq: bigint;
  /** All that is left of it when absent. */
  amount_micro?: bigint;
}

/**
 * Puts a charge right: gives back what is left of it and charges it anew, as another quantity or
 * operation. Both or neither.
 */
export interface Correction extends Usage {
  kind: 'correction';
  entry_seq: bigint;
  /** What the charge was counted as, which is given back to the tiers of its operation. */
  charged: { quantity: bigint; rule: PriceRule };
  /** When it happened: both entries count then in analytics. */
  occurred_at: Instant;
}

/** Takes credits back whose payment was reversed: refunded, or disputed. */
export interface Clawback extends Common {
  kind: 'clawback';
  /** The number of the lot that was granted for the payment. */
  lot: number;
  amount_micro: bigint;
}

/** Undoes a clawback, when a dispute was won. Once for each clawback, and all that it took. */
export interface Reinstatement extends Common {
  kind: 'reinstatement';
  /** The clawback's entry. */
  entry_seq: bigint;
}

/** Forgives what a wallet owes. */
export interface WriteOff extends Common {
  kind: 'write_off';
  /** All that is owed when absent. */
  amount_micro?: bigint;
  details: Details & { reason: string };
}

/** Moves credits from one wallet to another. The key is used in both. */
export interface Transfer extends Omit<Common, 'wallet_id'> {
  kind: 'transfer';
  from_wallet_id: string;
  to_wallet_id: string;
  amount_micro: bigint;
}

/** Puts a balance right by hand: credits added, or taken away. The reason is in the details. */
export interface Adjustment extends Common {
  kind: 'adjustment';
  /** Not zero; below zero takes away. */
  amount_micro: bigint;
  expires_at: Instant | null;
  details: Details & { reason: string };
}

/** Writes the entries of lots and holds that are due. Whoever asks next would have them written too. */
export interface Expire {
  kind: 'expire';
  wallet_id: string;
}

/** Each is of one wallet; a transfer is of two, and stands apart. */
export type Command = KeyedCommand | Expire;
export type KeyedCommand =
  | Grant
  | Debit
  | HoldCredits
  | Extend
  | Capture
  | Release
  | Refund
  | Correction
  | Clawback
  | Reinstatement
  | WriteOff
  | Adjustment;

/** What may be spent on it is not enough. The balance is the whole wallet's, for whatever it is good. */
export interface TooFewCredits {
  code: 'insufficient_credits';
  balance: bigint;
  available: bigint;
  required: bigint;
  missing: bigint;
}

/** Each no of the ledger, by name. They are tried in this order, and the first one is the answer. */
export type Refusal =
  /** The API key that asks was revoked or has expired. */
  | { code: 'key_revoked' }
  /** The person who would spend is shut out by now. */
  | { code: 'person_deactivated' }
  /** The key was used for a request with other content. */
  | { code: 'key_reused' }
  /** A time of one's own lies after the wallet's last entry and not in the future. */
  | { code: 'time_out_of_order'; after: Instant; until: Instant }
  /** An amount, a quantity or a time is not above zero; of an adjustment: the amount is zero. */
  | { code: 'not_positive' }
  | { code: 'transfer_to_itself' }
  /** Live credits cannot become test credits, nor the other way round. */
  | { code: 'transfer_between_modes' }
  /** Of a transfer: either of the two. */
  | { code: 'wallet_frozen' }
  /** The operation is not on sale. */
  | { code: 'operation_unknown'; operation: string }
  /** The price has no such component per unit. */
  | { code: 'component_unknown'; component: string }
  /** Another hold of the wallet has this id. */
  | { code: 'hold_exists' }
  | { code: 'hold_unknown' }
  /** It is captured or released in full, or has lapsed. */
  | { code: 'hold_closed'; captured: bigint; released: bigint }
  /** More than is held is to be captured, and the wallet's policy does not debit the rest. */
  | { code: 'capture_above_hold'; required: bigint; held: bigint }
  /** There is no such debit or capture. */
  | { code: 'charge_unknown' }
  | { code: 'refund_above_charge'; refundable: bigint }
  | { code: 'lot_unknown' }
  /** More is to be clawed back of the lot than was granted, less what was clawed back before. */
  | { code: 'clawback_above_lot'; left: bigint }
  /** There is no such clawback. */
  | { code: 'clawback_unknown' }
  /** All that the clawback took was given back before, or written off at once. */
  | { code: 'nothing_to_reinstate' }
  | { code: 'write_off_above_debt'; debt: bigint }
  /** A hard budget has less left than it takes. It starts anew at `resets_at`, if ever. */
  | {
      code: 'budget_reached';
      blocked_by: Pick<Budget, 'id' | 'subject' | 'period'>;
      limit: bigint;
      used: bigint;
      required: bigint;
      resets_at: Instant | null;
    }
  | TooFewCredits
  /** An amount, or what the wallet would come to, is more than the ledger counts. */
  | { code: 'amount_too_large'; most: bigint };

/**
 * What a key stands for: the request as it was asked, not what it came to cost. A price that has
 * changed between two tries does not make them two requests.
 */
export function contentOf(command: KeyedCommand | Transfer): string {
  switch (command.kind) {
    case 'grant':
      return line([
        'grant',
        command.amount_micro,
        command.source,
        command.expires_at,
        command.payment_id,
        command.operations?.join(','),
        ...(command.priority === undefined ? [] : [String(command.priority)]),
      ]);
    case 'debit':
      return line([...usage(command), command.occurred_at, ...more(command)]);
    case 'hold':
      return line([
        ...usage(command),
        command.hold_id,
        BigInt(command.ttl_seconds),
        ...more(command),
      ]);
    case 'extend':
      return line(['extend', command.hold_id, BigInt(command.ttl_seconds)]);
    case 'capture':
      return line([
        'capture',
        command.hold_id,
        command.quantity,
        String(command.more_to_follow === true),
        String(command.allow_partial === true),
        command.occurred_at,
        ...more(command),
      ]);
    case 'release':
      return line(['release', command.hold_id]);
    case 'refund':
      return line(['refund', command.entry_seq, command.amount_micro]);
    case 'correction':
      return line([...usage(command), command.entry_seq]);
    case 'clawback':
      return line(['clawback', BigInt(command.lot), command.amount_micro]);
    case 'reinstatement':
      return line(['reinstatement', command.entry_seq]);
    case 'write_off':
      return line(['write_off', command.amount_micro]);
    case 'transfer':
      return line(['transfer', command.from_wallet_id, command.to_wallet_id, command.amount_micro]);
    case 'adjustment':
      return line(['adjustment', command.amount_micro, command.expires_at]);
  }
}

function usage(command: Debit | HoldCredits | Correction): (string | bigint | undefined)[] {
  const partial = String(command.allow_partial === true);
  const { on_behalf_of } = command.asked;
  return [command.kind, command.operation, command.quantity, partial, on_behalf_of];
}

/** Only what is there, so that requests without it stand for what they always stood for. */
function more({ components, quote }: Pick<Debit, 'components' | 'quote'>): string[] {
  if (components === undefined && quote === undefined) return [];
  const measured = [...(components ?? [])].map(
    ([code, quantity]) => `component ${code} ${quantity}`,
  );
  return [...measured.sort(), ...(quote === undefined ? [] : [`quote ${quote}`])];
}

function line(parts: readonly (string | bigint | null | undefined)[]): string {
  return parts.map((part) => JSON.stringify(String(part ?? ''))).join(' ');
}
