import type { TooFewCredits } from './commands.ts';
import { Tally } from './counters.ts';
import { type Hold, hasLapsed, partsOfHold, remainderOf, settleHold } from './holds.ts';
import type { Instant } from './instant.ts';
import { type Lot, isExpired } from './lots.ts';
import { type Crossing, crossings } from './thresholds.ts';
import type { Charge, Clawback, ClawedLot, Entry, Leg, Wallet, WalletState } from './wallet.ts';

/** What an entry must say for itself; its number, its time and the wallet after it are the draft's. */
export type Written = Pick<Entry, 'kind' | 'amount' | 'legs' | 'key' | 'content' | 'asked'> &
  Partial<Omit<Entry, 'seq' | 'at' | 'available_after' | 'held_after' | 'debt_after'>>;

/** What is told of a lot when it is made; the rest follows from the entry that fills it. */
export type NewLot = Pick<
  Lot,
  | 'source'
  | 'priority'
  | 'expires_at'
  | 'granted'
  | 'cost_minor'
  | 'currency'
  | 'payment_id'
  | 'subscription_id'
  | 'operations'
>;

/** A wallet while one command is decided: each written entry moves its legs at once. */
export class Draft {
  readonly now: Instant;
  charges: Charge[];
  clawedLots: ClawedLot[];
  clawbacks: Clawback[];
  wallet: Wallet;
  lots: Lot[];
  holds: Hold[];
  readonly tally: Tally;
  private readonly before: WalletState;
  private readonly entries: Entry[] = [];

  constructor(state: WalletState, now: Instant) {
    // A clock that goes back makes nothing good again that is over in ledger time.
    this.now = timeAfter(state.wallet, now);
    this.before = state;
    this.tally = new Tally(state.budgets, state.counters, state.wallet.time_zone);
    this.wallet = state.wallet;
    this.lots = [...state.lots];
    this.holds = [...state.holds];
    this.charges = [...state.charges];
    this.clawedLots = [...state.clawed_lots];
    this.clawbacks = [...state.clawbacks];
  }

  /** @param payable what there is to pay with, where that is more than what is available */
  tooFew(required: bigint, available: bigint, payable = available): TooFewCredits {
    const { available: all, held, debt } = this.wallet;
    const missing = required - payable;
    return {
      code: 'insufficient_credits',
      balance: all + held - debt,
      available,
      required,
      missing,
    };
  }

  /** What is due is written first, whoever asks: holds that lapsed come back, then lots expire. */
  settleWhatIsDue(): void {
    const system = { asked: { actor_kind: 'system' } } as const;
    const lapsed = this.holds.filter((hold) => hasLapsed(hold, this.now));
    for (const hold of lapsed.sort(byDeadline)) {
      const key = { namespace: 'due', key: `hold ${hold.id}` };
      this.releaseHold(hold, { ...system, key, content: 'the deadline passed' });
    }
    const due = this.lots.filter((lot) => isExpired(lot, this.now) && lot.available > 0n);
    for (const lot of due.sort(byExpiry)) {
      this.write({
        ...system,
        kind: 'expiry',
        amount: lot.available,
        legs: [{ lot: lot.number, from: 'available', to: 'expired', amount: lot.available }],
        key: { namespace: 'due', key: `lot ${lot.number} after ${this.wallet.last_seq}` },
        content: 'the expiry came',
      });
    }
  }

  /** Gives back what is left of a hold; to a lot that has expired meanwhile it comes as expired. */
  releaseHold(hold: Hold, written: Pick<Written, 'key' | 'content' | 'asked' | 'details'>): Entry {
    const amount = remainderOf(hold);
    const parts = partsOfHold(hold, amount);
    this.closeHold(settleHold(hold, parts, 'released'));
    this.tally.giveBackAmount(hold, amount, hold.created_at, this.nextAt());
    return this.write({
      ...written,
      kind: 'release',
      amount,
      legs: parts.map((part) => {
        const lot = this.lotOf(part.lot);
        const to = isExpired(lot, this.now) ? 'expired' : 'available';
        return { ...part, from: 'held', to };
      }),
      operation: hold.operation,
      parent_seq: hold.entry_seq,
    });
  }

  /** A new lot, empty until the entry that is written next fills it. Returns its number. */
  addLot(lot: NewLot): number {
    const number = this.wallet.last_lot + 1;
    this.wallet = { ...this.wallet, last_lot: number };
    this.lots.push({
      ...lot,
      number,
      entry_seq: this.wallet.last_seq + 1n,
      granted_at: this.nextAt(),
      available: 0n,
      held: 0n,
      consumed: 0n,
      expired: 0n,
      removed: 0n,
    });
    return number;
  }

  /** What is left of its quantity is not used, and comes back to the tiers. */
  closeHold(hold: Hold): void {
    const { operation, quantity, created_at } = hold;
    if (operation !== null) {
      this.tally.giveBackQuantity(operation, quantity, created_at, this.nextAt());
    }
    this.replaceHold({ ...hold, quantity: 0n, open: false });
  }

  replaceHold(hold: Hold): void {
    this.holds = [...this.holds.filter((one) => one.id !== hold.id), hold];
  }

  replaceCharge(charge: Charge): void {
    this.charges = [...this.charges.filter((one) => one.seq !== charge.seq), charge];
  }

  replaceClawedLot(lot: ClawedLot): void {
    this.clawedLots = [...this.clawedLots.filter((one) => one.lot !== lot.lot), lot];
  }

  replaceClawback(clawback: Clawback): void {
    this.clawbacks = [...this.clawbacks.filter((one) => one.seq !== clawback.seq), clawback];
  }

  lotOf(number: number): Lot {
    const lot = this.lots.find((one) => one.number === number);
    if (lot === undefined) throw new Error(`lot ${number} was not read`);
    return lot;
  }

  write(written: Written): Entry {
    this.lots = written.legs.reduce(moveInLots, this.lots);
    this.wallet = {
      ...written.legs.reduce(moveInWallet, this.wallet),
      last_seq: this.wallet.last_seq + 1n,
      last_at: this.nextAt(),
    };
    const { last_seq, last_at, available, held, debt } = this.wallet;
    const entry: Entry = {
      list_amount: null,
      waiver: null,
      occurred_at: null,
      operation: null,
      quantity: null,
      lines: null,
      parent_seq: null,
      payment_id: null,
      details: null,
      ...written,
      seq: last_seq,
      at: last_at,
      available_after: available,
      held_after: held,
      debt_after: debt,
    };
    this.entries.push(entry);
    return entry;
  }

  /**
   * An entry that follows from another of the same command: the rest of a hold that comes back, the
   * debt that a grant repays. Its key is derived, so that the command's own stays with the first.
   */
  follow(first: Entry, kind: Entry['kind'], amount: bigint, legs: readonly Leg[]): Entry {
    return this.write({ ...followerOf(first, kind), kind, amount, legs });
  }

  /** What was written, how the wallet stands after it, and what it crossed. */
  result(): { entries: readonly Entry[]; state: WalletState; crossings: readonly Crossing[] } {
    const { lots, holds, charges, clawedLots, clawbacks, entries, tally } = this;
    let { next_hold_at: next_due_at } = this.wallet;
    for (const { available, expires_at } of lots) {
      if (available > 0n) next_due_at = earlier(next_due_at, expires_at);
    }
    for (const { open, expires_at } of holds) {
      if (open) next_due_at = earlier(next_due_at, expires_at);
    }
    const wallet = { ...this.wallet, next_due_at };
    const reversed = { charges, clawed_lots: clawedLots, clawbacks };
    const counted = { budgets: this.before.budgets, counters: tally.counters };
    return {
      entries,
      state: { wallet, lots, holds, ...reversed, ...counted },
      crossings: crossings(this.before.wallet, wallet, tally.reached),
    };
  }

  /** Ledger time of what is written next, which is when it counts. */
  nextAt(): Instant {
    return timeAfter(this.wallet, this.now);
  }
}

function earlier(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** Ledger time is the database's clock, and later than the wallet's last entry. */
export function timeAfter({ last_at }: Pick<Wallet, 'last_at'>, clock: Instant): Instant {
  return clock > last_at ? clock : last_at + 1n;
}

/** What an entry takes over from the one that it follows. */
export function followerOf(
  first: Entry,
  kind: Entry['kind'],
): Pick<Written, 'key' | 'content' | 'asked' | 'operation' | 'parent_seq' | 'payment_id'> {
  const { asked, operation, payment_id } = first;
  return { ...following(first, kind), asked, operation, payment_id };
}

/** Which entry it follows from, and a key that says so. */
export function following(
  first: Entry,
  kind: Entry['kind'],
): Pick<Written, 'key' | 'content' | 'parent_seq'> {
  return {
    key: { namespace: 'follows', key: `${first.seq} ${kind}` },
    content: `follows entry ${first.seq}`,
    parent_seq: first.seq,
  };
}

function moveInLots(lots: Lot[], leg: Leg): Lot[] {
  return lots.map((lot) => {
    if (lot.number !== leg.lot) return lot;
    const moved = { ...lot };
    if (leg.from !== 'outside' && leg.from !== 'debt') moved[leg.from] -= leg.amount;
    if (leg.to !== 'outside' && leg.to !== 'debt') moved[leg.to] += leg.amount;
    return moved;
  });
}

function moveInWallet(wallet: Wallet, leg: Leg): Wallet {
  const moved = { ...wallet };
  if (leg.from === 'available' || leg.from === 'held') moved[leg.from] -= leg.amount;
  if (leg.to === 'available' || leg.to === 'held') moved[leg.to] += leg.amount;
  if (leg.from === 'debt') moved.debt += leg.amount;
  if (leg.to === 'debt') moved.debt -= leg.amount;
  return moved;
}

function byDeadline(one: Hold, other: Hold): number {
  if (one.expires_at !== other.expires_at) return one.expires_at < other.expires_at ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

function byExpiry(one: Lot, other: Lot): number {
  const [first, second] = [one.expires_at ?? 0n, other.expires_at ?? 0n];
  return first === second ? one.number - other.number : first < second ? -1 : 1;
}
