import type { Instant } from './instant.ts';
import { type Lot, isExpired } from './lots.ts';
import type { Entry, Leg, Wallet, WalletState } from './wallet.ts';

/** What an entry must say for itself; its number, its time and the wallet after it are the draft's. */
export type Written = Pick<Entry, 'kind' | 'amount' | 'legs' | 'key' | 'content' | 'asked'> &
  Partial<Omit<Entry, 'seq' | 'at' | 'available_after' | 'held_after' | 'debt_after'>>;

/** A wallet while one command is decided: each written entry moves its legs at once. */
export class Draft {
  readonly now: Instant;
  lots: Lot[];
  private wallet: Wallet;
  private readonly entries: Entry[] = [];

  constructor(state: WalletState, now: Instant) {
    this.now = now;
    this.wallet = state.wallet;
    this.lots = [...state.lots];
  }

  /** Each lot that is due expires by an entry of its own, the earliest first. */
  expireDueLots(): void {
    const due = this.lots.filter((lot) => isExpired(lot, this.now) && lot.available > 0n);
    for (const lot of due.sort(byExpiry)) {
      this.write({
        kind: 'expiry',
        amount: lot.available,
        legs: [{ lot: lot.number, from: 'available', to: 'expired', amount: lot.available }],
        key: { namespace: 'expiry', key: `lot ${lot.number} after ${this.wallet.last_seq}` },
        content: `expiry of lot ${lot.number}`,
        asked: { actor_kind: 'system' },
      });
    }
  }

  /** A new lot, empty until the entry that is written next fills it. Returns its number. */
  addLot(
    lot: Pick<
      Lot,
      | 'source'
      | 'priority'
      | 'expires_at'
      | 'granted'
      | 'cost_minor'
      | 'currency'
      | 'payment_id'
      | 'operations'
    >,
  ): number {
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

  write(written: Written): void {
    this.lots = written.legs.reduce(moveInLots, this.lots);
    this.wallet = {
      ...written.legs.reduce(moveInWallet, this.wallet),
      last_seq: this.wallet.last_seq + 1n,
      last_at: this.nextAt(),
    };
    const { last_seq, last_at, available, held, debt } = this.wallet;
    this.entries.push({
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
    });
  }

  /** What was written, and how the wallet stands after it. */
  result(): { entries: readonly Entry[]; state: WalletState } {
    const expiries = this.lots
      .filter((lot) => lot.available > 0n)
      .flatMap((lot) => lot.expires_at ?? []);
    const next_due_at = expiries.reduce<Instant | null>(
      (least, at) => (least === null || at < least ? at : least),
      null,
    );
    return {
      entries: this.entries,
      state: { wallet: { ...this.wallet, next_due_at }, lots: this.lots },
    };
  }

  /** Ledger time is the database's, and later than that of the wallet's last entry. */
  private nextAt(): Instant {
    return this.now > this.wallet.last_at ? this.now : this.wallet.last_at + 1n;
  }
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
  return moved;
}

function byExpiry(one: Lot, other: Lot): number {
  const [first, second] = [one.expires_at ?? 0n, other.expires_at ?? 0n];
  return first === second ? one.number - other.number : first < second ? -1 : 1;
}
