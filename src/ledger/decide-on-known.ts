import type { Debit } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { Books } from './books.ts';
import type { KnownWallet, KnownWallets } from './known-wallets.ts';
import type { Outcome } from './outcome.ts';
import { type AskedCommand, walletsOf } from './what-is-named.ts';
import type { Change } from './write.ts';

/** Commands that were decided on wallets as they were known, and are not written yet. */
export interface Decided<One extends AskedCommand> {
  commands: readonly One[];
  wallets: readonly DecidedWallet<One>[];
  /** What was taken for the database's clock. */
  now: Instant;
}

export interface DecidedWallet<One extends AskedCommand> {
  known: KnownWallet;
  answers: readonly (readonly [One, Outcome])[];
  change: Change;
}

/**
 * Decides what can be decided on what is known; the rest is left, each wallet's in its order. Left is
 * also a wallet with a refusal, which is looked into under the lock, and one of which more changes
 * than lots and balance.
 */
export function decideOnKnown<One extends AskedCommand>(
  known: KnownWallets,
  batch: readonly One[],
): { decided: Decided<One> | undefined; left: readonly One[] } {
  const now = known.now();
  if (now === undefined) return { decided: undefined, left: batch };
  const { taken, left } = takeKnown(known, batch, now);
  if (taken.length === 0) return { decided: undefined, left: batch };
  const states = taken.map((one) => one.known.state);
  const books = new Books(states, now);
  const answered = taken.map((one) => ({ ...one, answers: decideAll(books, one.debits) }));
  const changes = new Map(books.takeChanges().map((change) => [change.after.wallet.id, change]));
  const wallets: DecidedWallet<One>[] = [];
  for (const { known: wallet, debits, answers } of answered) {
    const change = changes.get(wallet.state.wallet.id);
    if (answers === undefined || change === undefined || change.told.length > 0) {
      left.push(...debits.map(([one]) => one));
    } else wallets.push({ known: wallet, answers, change });
  }
  if (wallets.length === 0) return { decided: undefined, left };
  const commands = wallets.flatMap(({ answers }) => answers.map(([one]) => one));
  return { decided: { commands, wallets, now }, left };
}

interface Taken<One> {
  known: KnownWallet;
  debits: NewDebits<One>;
}

function takeKnown<One extends AskedCommand>(
  known: KnownWallets,
  batch: readonly One[],
  now: Instant,
): { taken: Taken<One>[]; left: One[] } {
  const taken: Taken<One>[] = [];
  const left: One[] = [];
  for (const [id, commands] of Map.groupBy(batch, ({ command }) => walletsOf(command)[0] ?? '')) {
    const debits = newDebits(known, commands);
    const wallet = debits === undefined ? undefined : known.find(id, now);
    if (debits === undefined || wallet === undefined) left.push(...commands);
    else taken.push({ known: wallet, debits });
  }
  return { taken, left };
}

type NewDebits<One> = readonly (readonly [One, Debit])[];

/** All commands of a wallet, where all are debits with keys that are new; undefined where one is not. */
function newDebits<One extends AskedCommand>(
  wallets: KnownWallets,
  commands: readonly One[],
): NewDebits<One> | undefined {
  const debits = commands.flatMap((one) => {
    const debit = wallets.newDebit(one);
    return debit === undefined ? [] : [[one, debit] as const];
  });
  return debits.length === commands.length ? debits : undefined;
}

function decideAll<One extends AskedCommand>(
  books: Books,
  debits: NewDebits<One>,
): DecidedWallet<One>['answers'] | undefined {
  try {
    const answers = debits.map(([one, debit]) => [one, books.run(debit)] as const);
    return answers.some(([, { outcome }]) => outcome === 'refused') ? undefined : answers;
  } catch {
    // Its fault is told where it fails alone.
    return undefined;
  }
}
