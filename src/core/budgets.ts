import type { Instant } from './instant.ts';
import { type Period, type Window, windowOf } from './periods.ts';
import type { Asked } from './wallet.ts';

/** How much may be used of something in each window of a period. */
export interface Budget {
  id: string;
  /** `wallet`, `operation:<code>`, `member:<person>`, `api_key:<id>`; several by a space: all of them. */
  subject: string;
  period: Period;
  limit_amount: bigint;
  /** A hard one refuses; another one only tells. */
  hard: boolean;
  /** Another limit for a time. */
  raised_to: bigint | null;
  raised_until: Instant | null;
  time_zone: string;
}

/** What decides which budgets a use counts for: of what, by whom and through which key. */
export interface Use {
  operation: string | null;
  asked: Asked;
}

/** What a budget is about. */
export interface Limited {
  operation?: string;
  /** A person. */
  member?: string;
  api_key?: string;
}

/** Throws for an operation whose code has a space in it, since a space is between the parts. */
export function subjectOf(limited: Limited): string {
  const parts = Object.entries(limited).map(([kind, id]) => `${kind}:${id}`);
  if (parts.some((part) => part.includes(' '))) throw new Error('a code has no space in it');
  return parts.length === 0 ? 'wallet' : parts.join(' ');
}

/** The budgets that a use counts for: those of which every part of the subject is true of it. */
export function budgetsFor(budgets: readonly Budget[], use: Use): Budget[] {
  return budgets.filter(({ subject }) => subject.split(' ').every((part) => isOf(part, use)));
}

/** The limit of a budget at a moment. A raise ends by itself. */
export function limitOf(budget: Budget, at: Instant): bigint {
  const { raised_to, raised_until } = budget;
  const isRaised = raised_to !== null && raised_until !== null && at < raised_until;
  return isRaised ? raised_to : budget.limit_amount;
}

/** The window of a budget that contains a moment. */
export function windowOfBudget({ period, time_zone }: Budget, at: Instant): Window {
  return windowOf(period, time_zone, at);
}

function isOf(part: string, { operation, asked }: Use): boolean {
  const [kind, id] = [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)];
  switch (kind) {
    case 'operation':
      return operation === id;
    case 'member':
      return asked.actor_kind === 'person' && asked.actor_id === id;
    case 'api_key':
      return asked.api_key_id === id;
    default:
      return part === 'wallet';
  }
}
