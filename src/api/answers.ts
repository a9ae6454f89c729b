import { z } from 'zod';
import type { Refusal, TooFewCredits } from '../core/commands.ts';
import { decimalCredits } from '../core/credits.ts';
import { rfc3339 } from '../core/instant.ts';
import type { Outcome } from '../ledger/ledger.ts';
import { AppError, notFound } from '../lib/errors.ts';
import type { Account } from '../workspaces/customers.ts';
import { type Whose, keyRevoked } from './caller.ts';

/** What a request is answered with. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** It is the first answer to this key again. */
  replayed?: boolean;
}

export type Done = Extract<Outcome, { outcome: 'done' }>;

/** Credits as they are told: a decimal with at most six places. */
export const creditsAnswer = z
  .string()
  .regex(/^-?\d+(\.\d{1,6})?$/)
  .meta({ description: 'Credits, as a decimal string.', examples: ['3.25'] });

/** A moment, by RFC 3339 in UTC, with its microseconds. */
export const instantAnswer = z.string().meta({ format: 'date-time' });

/** Whose wallet an answer is about; a key of a workspace is told neither customer nor workspace. */
export const whoseAnswer = {
  wallet: z.string().meta({ description: 'The id of the wallet.' }),
  customer: z.string().optional(),
  workspace: z.string().optional(),
};

/** Whose wallet was read. */
export function whoseOf({ request, account }: { request: Whose; account: Account }) {
  return { wallet: account.wallet_id, customer: request.customer, workspace: request.workspace };
}

export const entryFields = {
  ...whoseAnswer,
  entry: z.int().meta({ description: 'The number of the entry in its wallet.' }),
  amount: creditsAnswer,
  list_amount: creditsAnswer
    .optional()
    .meta({ description: 'What it would have cost, where that is another amount.' }),
  available: creditsAnswer,
  held: creditsAnswer,
  debt: creditsAnswer,
  at: instantAnswer,
};

/** What every change of a wallet is answered with: what it did, and how the wallet stands after it. */
export function entryAnswer(done: Done, whose: Whose, { wallet_id }: Account) {
  return {
    wallet: wallet_id,
    customer: whose.customer,
    workspace: whose.workspace,
    entry: Number(done.seq),
    amount: decimalCredits(done.amount_micro),
    list_amount:
      done.list_amount_micro === null ? undefined : decimalCredits(done.list_amount_micro),
    available: decimalCredits(done.available_after),
    held: decimalCredits(done.held_after),
    debt: decimalCredits(done.debt_after),
    at: rfc3339(done.at),
  };
}

/** @throws AppError for each refusal of the ledger, by the status that the table in docs/api.md gives it */
export function doneOrThrow(outcome: Outcome): Done {
  if (outcome.outcome === 'done') return outcome;
  throw refused(outcome.refusal);
}

/** What a refusal of the ledger is answered with. */
export function refused(refusal: Refusal): AppError {
  switch (refusal.code) {
    case 'insufficient_credits':
      return tooFew(refusal);
    case 'budget_reached':
      return budgetReached(refusal);
    case 'key_revoked':
      return keyRevoked();
    case 'person_deactivated':
      return new AppError(403, refusal.code, 'This account is shut. Nothing was charged.');
    case 'wallet_frozen':
      return new AppError(403, refusal.code, 'The wallet is frozen. Nothing was charged.');
    case 'key_reused':
      return new AppError(
        422,
        'idempotency_key_reused',
        'This key was used for a request with other content. Nothing was changed.',
      );
    case 'time_out_of_order':
      return outOfOrder(refusal);
    case 'operation_unknown':
    case 'component_unknown':
      return unpriced(refusal);
    case 'hold_unknown':
      return notFound('hold');
    case 'hold_closed':
      return new AppError(409, refusal.code, 'The hold is settled already. Nothing was changed.', {
        captured: decimalCredits(refusal.captured),
        released: decimalCredits(refusal.released),
      });
    case 'hold_exists':
      return new AppError(409, refusal.code, 'There is such a hold already.');
    case 'capture_above_hold':
      return new AppError(
        422,
        refusal.code,
        'This costs more than is held, and the wallet charges no more than that. Nothing was charged.',
        { required: decimalCredits(refusal.required), held: decimalCredits(refusal.held) },
      );
    case 'charge_unknown':
      return notFound('charge');
    case 'refund_above_charge':
      return new AppError(
        422,
        refusal.code,
        'This is more than is left of the charge. Nothing was given back.',
        { refundable: decimalCredits(refusal.refundable) },
      );
    case 'amount_too_large':
      return new AppError(
        422,
        refusal.code,
        'This comes to more credits than are counted. Nothing was changed.',
        { most: decimalCredits(refusal.most) },
      );
    case 'not_positive':
    case 'transfer_to_itself':
    case 'transfer_between_modes':
    case 'lot_unknown':
    case 'clawback_above_lot':
    case 'clawback_unknown':
    case 'nothing_to_reinstate':
    case 'write_off_above_debt':
      throw new Error(`a request of the API was refused as ${refusal.code}`);
  }
}

function unpriced({
  code,
  ...named
}: Extract<Refusal, { code: 'operation_unknown' | 'component_unknown' }>): AppError {
  const why =
    code === 'operation_unknown'
      ? 'This operation is not on sale.'
      : 'The price of this operation has no such component per unit.';
  return new AppError(422, code, `${why} Nothing was charged.`, named);
}

function tooFew(refusal: TooFewCredits): AppError {
  return new AppError(402, refusal.code, 'There are too few credits. Nothing was charged.', {
    balance: decimalCredits(refusal.balance),
    required: decimalCredits(refusal.required),
    available: decimalCredits(refusal.available),
    missing: decimalCredits(refusal.missing),
  });
}

function outOfOrder(refusal: Extract<Refusal, { code: 'time_out_of_order' }>): AppError {
  return new AppError(
    422,
    refusal.code,
    'The time lies before the last entry of the wallet, or in the future. Nothing was changed.',
    { after: rfc3339(refusal.after), until: rfc3339(refusal.until) },
  );
}

function budgetReached(refusal: Extract<Refusal, { code: 'budget_reached' }>): AppError {
  const { code, blocked_by, resets_at } = refusal;
  return new AppError(402, code, 'This is more than a budget has left. Nothing was charged.', {
    blocked_by,
    limit: decimalCredits(refusal.limit),
    used: decimalCredits(refusal.used),
    required: decimalCredits(refusal.required),
    resets_at: resets_at === null ? null : rfc3339(resets_at),
  });
}
