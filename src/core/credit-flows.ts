import type { LotSource } from './lots.ts';
import type { Bucket, EntryKind } from './wallet.ts';

/** Credits that legs of one kind moved from one bucket to another, of lots of one source. */
export interface CreditMove {
  kind: EntryKind;
  /** Undefined for what is of the debt. */
  source: LotSource | undefined;
  /** Whether the lots cost something. */
  paid: boolean;
  from: Bucket;
  to: Bucket;
  amount: bigint;
}

/**
 * What credits came from and went to, so that nothing is left over:
 * sold + free + transferred + written_off + debt
 *   = outstanding + consumed + expired + clawed_back + taken_away.
 */
export interface CreditFlows {
  /** Granted for money. */
  sold: bigint;
  /** Granted without, also by hand. */
  free: bigint;
  /** Came from other wallets, less what was sent to them. */
  transferred: bigint;
  /** Debt that was forgiven. */
  written_off: bigint;
  /** By how much more is owed by wallets: they have used it, or it was clawed back. */
  debt: bigint;
  /** By how much more wallets have, held or to be spent. */
  outstanding: bigint;
  /** Used, less what was given back of it. */
  consumed: bigint;
  expired: bigint;
  /** Taken back for money that went back, less what was reinstated. */
  clawed_back: bigint;
  /** Taken away by hand. */
  taken_away: bigint;
}

const NOTHING: CreditFlows = {
  sold: 0n,
  free: 0n,
  transferred: 0n,
  written_off: 0n,
  debt: 0n,
  outstanding: 0n,
  consumed: 0n,
  expired: 0n,
  clawed_back: 0n,
  taken_away: 0n,
};

/** What some moves come to. */
export function creditFlowsOf(moves: readonly CreditMove[]): CreditFlows {
  return moves.reduce<CreditFlows>((sum, move) => {
    const next = { ...sum };
    for (const [flow, sign] of flowsOf(move)) next[flow] += sign * move.amount;
    return next;
  }, NOTHING);
}

/** Credits granted for nothing, by the source of their lots, the most first. */
export function freeBySource(moves: readonly CreditMove[]): [LotSource, bigint][] {
  const sums = new Map<LotSource, bigint>();
  for (const move of moves) {
    if (move.source === undefined || !flowsOf(move).some(([flow]) => flow === 'free')) continue;
    sums.set(move.source, (sums.get(move.source) ?? 0n) + move.amount);
  }
  return [...sums].sort(([, one], [, other]) => (one < other ? 1 : -1));
}

type Flow = readonly [keyof CreditFlows, 1n | -1n];

function flowsOf(move: CreditMove): Flow[] {
  const { kind, from, to } = move;
  // A charge that is given back in a new lot leaves the old one: nothing but the new lot counts.
  if (kind === 'refund' && to === 'removed') return [];
  if (from === 'outside') return [...cameAs(move), ...into(to)];
  return [...outOf(kind, from), ...(to === 'removed' ? removedBy(kind) : into(to))];
}

/** What comes from outside is new, or what had gone before and comes back as a new lot. */
function cameAs({ kind, paid }: CreditMove): Flow[] {
  switch (kind) {
    case 'transfer_in':
      return [['transferred', 1n]];
    case 'write_off':
      return [['written_off', 1n]];
    case 'refund':
      return [['consumed', -1n]];
    case 'reinstatement':
      return [['clawed_back', -1n]];
    default:
      return [[paid ? 'sold' : 'free', 1n]];
  }
}

function into(to: Bucket): Flow[] {
  switch (to) {
    case 'available':
    case 'held':
      return [['outstanding', 1n]];
    case 'consumed':
      return [['consumed', 1n]];
    case 'expired':
      return [['expired', 1n]];
    case 'debt':
      return [['debt', -1n]];
    case 'removed':
    case 'outside':
      return [];
  }
}

function outOf(kind: EntryKind, from: Bucket): Flow[] {
  switch (from) {
    case 'available':
    case 'held':
      return [['outstanding', -1n]];
    case 'consumed':
      return [['consumed', -1n]];
    case 'expired':
      return [['expired', -1n]];
    case 'debt':
      return [['debt', 1n]];
    case 'removed':
      return removedBy(kind).map(([flow, sign]): Flow => [flow, sign === 1n ? -1n : 1n]);
    case 'outside':
      return [];
  }
}

function removedBy(kind: EntryKind): Flow[] {
  switch (kind) {
    case 'transfer_out':
      return [['transferred', -1n]];
    case 'adjustment':
      return [['taken_away', 1n]];
    default:
      return [['clawed_back', 1n]];
  }
}
