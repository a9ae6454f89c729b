import { randomUUID } from 'node:crypto';
import type { Chance } from './chance.ts';

/** Whose credits are spent. */
export interface Customer {
  customer: string;
  wallet_id: string;
}

export type Kind = 'grant' | 'debit' | 'hold' | 'extend' | 'capture' | 'release' | 'refund';

/** One command with its key, as a product keeps it before it sends it. */
export interface Ask {
  key: string;
  kind: Kind;
  whose: Customer;
  /** Where it is sent to; grants have no way over HTTP and go to a ledger. */
  path: string;
  body: Readonly<Record<string, unknown>>;
}

/** What was answered for good: done, or refused. */
export interface Answer {
  status: number;
  replayed: boolean;
  body: Readonly<Record<string, unknown>>;
}

/** A price that is no divisor of anything, so that sums tell. */
const OPERATIONS = ['message.send', 'document.parse', 'voice.call', 'image.generate'];
const CREDITS_AT_FIRST = '400';

/** Draws commands, and remembers the holds and charges that others may follow from. */
export class Asks {
  private readonly chance: Chance;
  private readonly customers: readonly Customer[];
  private readonly holds: { id: string; whose: Customer }[] = [];
  private readonly charges: { entry: unknown; whose: Customer }[] = [];

  constructor(chance: Chance, customers: readonly Customer[]) {
    this.chance = chance;
    this.customers = customers;
  }

  /** What every customer begins with. */
  firstGrants(): Ask[] {
    return this.customers.map((whose) => grant(whose, CREDITS_AT_FIRST));
  }

  next(): Ask {
    const drawn = this.chance.next();
    // A quarter of all goes to one wallet.
    const whose =
      this.chance.next() < 0.25 ? first(this.customers) : this.chance.oneOf(this.customers);
    if (drawn < 0.08) return grant(whose, String(this.chance.whole(1, 40)));
    if (drawn < 0.25) return this.hold(whose);
    if (drawn < 0.5 && this.holds.length > 0) return this.endOfHold();
    if (drawn < 0.6 && this.charges.length > 0) return this.refund();
    return ask('debit', whose, '/debits', this.used());
  }

  /** Debits that go in one request. */
  many(): Ask[] {
    return Array.from({ length: this.chance.whole(2, 12) }, () =>
      ask('debit', this.chance.oneOf(this.customers), '/debits', this.used()),
    );
  }

  /** Learns of the holds and charges that came of a command. */
  answered({ kind, whose }: Ask, { status, body }: Answer): void {
    if (status >= 300) return;
    if (kind === 'hold') this.holds.push({ id: String(body['hold_id']), whose });
    if (kind === 'debit' || kind === 'capture') this.charges.push({ entry: body['entry'], whose });
  }

  private hold(whose: Customer): Ask {
    // Some run out while they are captured.
    const ttl_seconds = this.chance.oneOf([1, 1, 2, 60]);
    return ask('hold', whose, '/holds', { ...this.used(), ttl_seconds });
  }

  /** Of the last holds any, so that many are ended twice and at once. */
  private endOfHold(): Ask {
    const { id, whose } = this.chance.oneOf(this.holds.slice(-12));
    const path = `/holds/${id}`;
    switch (this.chance.whole(0, 5)) {
      case 0:
        return ask('release', whose, `${path}/release`, {});
      case 1:
        return ask('extend', whose, `${path}/extend`, { ttl_seconds: this.chance.whole(1, 3) });
      default:
        return ask('capture', whose, `${path}/capture`, {
          quantity: this.quantity(),
          more_to_follow: this.chance.next() < 0.3,
        });
    }
  }

  private refund(): Ask {
    const { entry, whose } = this.chance.oneOf(this.charges.slice(-50));
    const part = this.chance.next() < 0.5 ? {} : { amount: `0.${this.chance.whole(1, 9)}` };
    return ask('refund', whose, '/refunds', { entry, ...part });
  }

  private used() {
    return { operation: this.chance.oneOf(OPERATIONS), quantity: this.quantity() };
  }

  private quantity(): string {
    return String(this.chance.whole(1, 3));
  }
}

function ask(kind: Kind, whose: Customer, path: string, body: Ask['body']): Ask {
  return { key: randomUUID(), kind, whose, path, body: { customer: whose.customer, ...body } };
}

function grant(whose: Customer, credits: string): Ask {
  return { key: randomUUID(), kind: 'grant', whose, path: '', body: { credits } };
}

function first<Value>(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined) throw new Error('there are no customers');
  return value;
}
