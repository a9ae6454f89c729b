import type { Instant } from './instant.ts';
import type { LotSource } from './lots.ts';
import type { PriceRule } from './price-rules.ts';
import type { Asked, Details, IdempotencyKey } from './wallet.ts';

interface Common {
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
  cost_minor?: bigint;
  currency?: string;
  payment_id?: string;
  subscription_id?: string;
  operations?: readonly string[];
}

/** Charges a quantity of an operation at the price that its rule says. */
export interface Debit extends Common {
  kind: 'debit';
  operation: string;
  quantity: bigint;
  rule: PriceRule;
  /** When the caller says that it happened; for analytics only. */
  occurred_at?: Instant;
}

/** Writes the entries of lots that are due. Whoever asks next would have them written too. */
export interface Expire {
  kind: 'expire';
  wallet_id: string;
}

export type Command = Grant | Debit | Expire;

/** Each no of the ledger, by name. They are tried in this order, and the first one is the answer. */
export type Refusal =
  /** The key was used for a request with other content. */
  | { code: 'key_reused' }
  | { code: 'wallet_frozen' }
  | { code: 'insufficient_credits'; required: bigint; available: bigint; missing: bigint };

/**
 * What a key stands for: the request as it was asked, not what it came to cost. A price that has
 * changed between two tries does not make them two requests.
 */
export function contentOf(command: Grant | Debit): string {
  switch (command.kind) {
    case 'grant':
      return line([
        'grant',
        command.amount_micro,
        command.source,
        command.expires_at,
        command.payment_id,
        command.operations?.join(','),
      ]);
    case 'debit':
      return line([
        'debit',
        command.operation,
        command.quantity,
        command.asked.on_behalf_of,
        command.occurred_at,
      ]);
  }
}

function line(parts: readonly (string | bigint | null | undefined)[]): string {
  return parts.map((part) => JSON.stringify(String(part ?? ''))).join(' ');
}
