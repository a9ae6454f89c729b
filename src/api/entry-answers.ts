import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { rfc3339 } from '../core/instant.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { BUCKETS, ENTRY_KINDS, type Leg } from '../core/wallet.ts';
import type { ReadEntry } from '../ledger/entries.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import { creditsAnswer, instantAnswer } from './answers.ts';
import { keyOf } from './usage.ts';

/** What an entry moved from where to where. */
const move = {
  lot: z.int().nullable().meta({ description: "The lot; null for the wallet's debt." }),
  from: z.enum(BUCKETS),
  to: z.enum(BUCKETS),
  amount: creditsAnswer,
};
export const MoveAnswer = z.strictObject(move);

/** An entry as lists have it. What it has not is left out. */
export const entryItem = {
  entry: z.int().meta({ description: 'Its number in the wallet, from 1 without a gap.' }),
  kind: z.enum(ENTRY_KINDS),
  amount: creditsAnswer,
  list_amount: creditsAnswer.optional(),
  waiver: z.string().optional().meta({ description: 'Why it cost less than `list_amount`.' }),
  change: creditsAnswer.meta({ description: 'By how much it changed the balance.' }),
  available: creditsAnswer,
  held: creditsAnswer,
  debt: creditsAnswer,
  balance: creditsAnswer.meta({ description: 'After it, as the three before.' }),
  moves: z.array(MoveAnswer),
  operation: z.string().optional(),
  quantity: z.string().optional(),
  parent: z.int().optional().meta({ description: 'The entry that it is about or follows from.' }),
  payment: z.string().optional(),
  asked_by: z.string().meta({ description: 'Who asked: person, api_key, payment, job or system.' }),
  api_key: z.string().optional().meta({ description: 'The id of the key that asked.' }),
  on_behalf_of: z.string().optional(),
  idempotency_key: z
    .string()
    .optional()
    .meta({ description: 'Where keys of the same owner as this one asked for it.' }),
  at: instantAnswer,
  occurred_at: instantAnswer.optional(),
  description: z.string().optional(),
  reason: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
};
export const EntryItem = z.strictObject(entryItem);

/** An entry for whoever asks with this key. */
export function itemOf(entry: ReadEntry, key: ApiKey): z.output<typeof EntryItem> {
  const { exact, list_amount_micro, quantity, parent_seq } = entry;
  const isOwn = keyOf(key, entry.key).namespace === entry.namespace;
  return {
    entry: Number(entry.seq),
    kind: entry.kind,
    amount: decimalCredits(entry.amount_micro),
    list_amount: list_amount_micro === null ? undefined : decimalCredits(list_amount_micro),
    waiver: entry.waiver ?? undefined,
    change: decimalCredits(entry.change_micro),
    available: decimalCredits(entry.available_after_micro),
    held: decimalCredits(entry.held_after_micro),
    debt: decimalCredits(entry.debt_after_micro),
    balance: decimalCredits(entry.balance_after_micro),
    moves: entry.legs.map(moveOf),
    operation: entry.operation ?? undefined,
    quantity: quantity === null ? undefined : shortestDecimal(quantity, QUANTITY_DECIMALS),
    parent: parent_seq === null ? undefined : Number(parent_seq),
    payment: entry.payment_id ?? undefined,
    asked_by: entry.actor_kind,
    api_key: entry.api_key_id ?? undefined,
    on_behalf_of: entry.on_behalf_of ?? undefined,
    idempotency_key: isOwn ? entry.key : undefined,
    at: rfc3339(exact.at),
    occurred_at: exact.occurred_at === null ? undefined : rfc3339(exact.occurred_at),
    description: entry.description ?? undefined,
    reason: entry.reason ?? undefined,
    metadata: entry.metadata ?? undefined,
  };
}

export function moveOf({ lot, from, to, amount }: Leg): z.output<typeof MoveAnswer> {
  return { lot: lot === 0 ? null : lot, from, to, amount: decimalCredits(amount) };
}
