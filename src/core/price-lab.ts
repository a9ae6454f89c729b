import { least } from './credits.ts';
import type { Instant } from './instant.ts';
import { type Period, windowOf } from './periods.ts';
import {
  type PriceRule,
  type Quantities,
  countedPeriods,
  countedQuantity,
  priceOf,
} from './price-rules.ts';
import type { EntryKind } from './wallet.ts';

/** What of an entry matters to what a wallet would have been charged by another price. */
export interface PastUse {
  seq: bigint;
  kind: EntryKind;
  at: Instant;
  /** What it charged or held. */
  amount: bigint;
  /** Nothing was charged, and would not have been. */
  is_waived: boolean;
  /** Null where it only follows from another entry: the excess of a capture. */
  quantity: bigint | null;
  measured: Quantities;
  /** Of a capture and a release: the hold; of a refund: the charge. */
  parent_seq: bigint | null;
  /** What could still be spent after it: available, and what may be owed. */
  room: bigint;
}

export interface LabResult {
  uses: number;
  charged_micro: bigint;
  draft_micro: bigint;
  /** When credits would first not have been enough, had nothing else been bought; null for never. */
  ran_out_at: Instant | null;
}

/** What the draft made of a charge, which a correction takes back. */
interface PastCharge {
  at: Instant;
  draft: bigint;
  quantity: bigint;
}

interface PastHold {
  at: Instant;
  amount: bigint;
  quantity: bigint;
}

/**
 * Prices the past use of one operation in one wallet by a draft. Entries come in their order, from
 * the window on in which the draft counts; those before `from` are counted for its tiers only.
 */
export class PriceLab {
  private readonly rule: PriceRule;
  private readonly timeZone: string;
  private readonly from: Instant;
  private readonly counters = new Map<string, bigint>();
  private readonly holds = new Map<bigint, PastHold>();
  private readonly charges = new Map<bigint, PastCharge>();
  private readonly sum: LabResult = {
    uses: 0,
    charged_micro: 0n,
    draft_micro: 0n,
    ran_out_at: null,
  };

  constructor(rule: PriceRule, timeZone: string, from: Instant) {
    this.rule = rule;
    this.timeZone = timeZone;
    this.from = from;
  }

  get result(): LabResult {
    return { ...this.sum };
  }

  add(use: PastUse): void {
    switch (use.kind) {
      case 'debit':
        if (use.quantity === null) this.charge(use, 0n, 0n);
        else this.addDebit(use, use.quantity);
        break;
      case 'hold':
        this.addHold(use);
        break;
      case 'capture':
        this.addCapture(use);
        break;
      case 'release':
        this.close(use);
        break;
      case 'refund':
        // Only a correction says of what quantity: it is followed by the debit that should have been.
        if (use.quantity !== null) this.takeBack(use);
        break;
      default:
    }
    this.look(use);
  }

  private addDebit(use: PastUse, quantity: bigint): void {
    const used = (period: Period): bigint => this.used(period, use.at);
    const price = priceOf(this.rule, quantity, used, use.measured);
    const counted = countedQuantity(this.rule, quantity, use.measured);
    this.charge(use, price.amount_micro, counted);
    this.count(counted, use.at);
  }

  private addHold({ seq, at, amount, quantity, measured }: PastUse): void {
    const counted = countedQuantity(this.rule, quantity ?? 0n, measured);
    this.holds.set(seq, { at, amount, quantity: counted });
    this.count(counted, at);
  }

  /** By what was used before the hold, in its window; only what is above it counts anew. */
  private addCapture(use: PastUse): void {
    const { at, quantity, measured, amount } = use;
    const hold = this.holdOf(use);
    if (quantity === null) return;
    const before = (period: Period): bigint => this.used(period, hold.at) - hold.quantity;
    const counted = countedQuantity(this.rule, quantity, measured);
    this.charge(use, priceOf(this.rule, quantity, before, measured).amount_micro, counted);
    const within = least(counted, hold.quantity);
    hold.quantity -= within;
    hold.amount -= amount;
    this.count(counted - within, at);
    if (hold.amount === 0n) this.close(use);
  }

  /** What was not used comes back, while the window is open in which it was held. */
  private close(use: PastUse): void {
    const hold = this.holdOf(use);
    for (const period of countedPeriods(this.rule)) {
      const name = this.nameOf(period, hold.at);
      if (name === this.nameOf(period, use.at)) this.addTo(name, -hold.quantity);
    }
    hold.quantity = 0n;
  }

  /** One that was made before all this is counted nowhere. */
  private holdOf({ parent_seq, at, amount }: PastUse): PastHold {
    return this.holds.get(parent_seq ?? 0n) ?? { at, amount, quantity: 0n };
  }

  private charge(use: PastUse, draft: bigint, quantity: bigint): void {
    const { seq, at, amount, is_waived } = use;
    if (at < this.from || is_waived) return;
    if (use.quantity !== null) this.sum.uses += 1;
    this.sum.charged_micro += amount;
    this.sum.draft_micro += draft;
    this.charges.set(seq, { at, draft, quantity });
  }

  private takeBack({ at, amount, parent_seq }: PastUse): void {
    const charge = this.charges.get(parent_seq ?? 0n);
    if (charge === undefined) return;
    this.sum.uses -= 1;
    this.sum.charged_micro -= amount;
    this.sum.draft_micro -= charge.draft;
    for (const period of countedPeriods(this.rule)) {
      const name = this.nameOf(period, charge.at);
      if (name === this.nameOf(period, at)) this.addTo(name, -charge.quantity);
    }
  }

  /** Whatever is spent leaves room for no more than the difference. */
  private look({ at, room }: PastUse): void {
    if (at < this.from || this.sum.ran_out_at !== null) return;
    const { draft_micro, charged_micro } = this.sum;
    if (draft_micro - charged_micro > room) this.sum.ran_out_at = at;
  }

  private used(period: Period, at: Instant): bigint {
    return this.counters.get(this.nameOf(period, at)) ?? 0n;
  }

  private count(quantity: bigint, at: Instant): void {
    for (const period of countedPeriods(this.rule)) this.addTo(this.nameOf(period, at), quantity);
  }

  private addTo(name: string, quantity: bigint): void {
    this.counters.set(name, (this.counters.get(name) ?? 0n) + quantity);
  }

  private nameOf(period: Period, at: Instant): string {
    return `${period} ${windowOf(period, this.timeZone, at).starts_at}`;
  }
}
