import { randomUUID } from 'node:crypto';
import type { KeyedCommand, Transfer } from '../src/core/commands.ts';
import { MICRO_PER_CREDIT } from '../src/core/credits.ts';
import { instantOf } from '../src/core/instant.ts';
import type { Chance } from './chance.ts';

/** Whose credits are spent. */
export interface Customer {
  customer: string;
  wallet_id: string;
}

interface Asked {
  key: string;
  kind: string;
  whose: Customer;
}

/** One command with its key, as a product keeps it before it sends it. */
export interface HttpAsk extends Asked {
  path: string;
  body: Readonly<Record<string, unknown>>;
}

/** What has no way over HTTP goes to a ledger. */
export interface LedgerAsk extends Asked {
  command: KeyedCommand | Transfer;
}

export type Ask = HttpAsk | LedgerAsk;

/** What was answered for good: done, or refused. */
export interface Answer {
  status: number;
  replayed: boolean;
  body: Readonly<Record<string, unknown>>;
}

/** Prices that are no divisors of anything, so that sums tell. */
const OPERATIONS = ['message.send', 'document.parse', 'voice.call', 'image.generate'];
const CREDITS_AT_FIRST = 60n;

/** Draws commands, and remembers the holds, charges and clawbacks that others may follow from. */
export class Asks {
  private readonly chance: Chance;
  private readonly customers: readonly Customer[];
  private readonly holds: { id: string; whose: Customer }[] = [];
  private readonly charges: { entry: unknown; whose: Customer }[] = [];
  private readonly clawbacks: { entry: unknown; whose: Customer }[] = [];

  constructor(chance: Chance, customers: readonly Customer[]) {
    this.chance = chance;
    this.customers = customers;
  }

  /** What every customer begins with. */
  firstGrants(): LedgerAsk[] {
    return this.customers.map((whose) => this.grant(whose, CREDITS_AT_FIRST, null));
  }

  next(): Ask {
    const drawn = this.chance.next();
    const whose = this.customer();
    if (drawn < 0.12) return this.byTheLedger(whose);
    if (drawn < 0.27) return this.hold(whose);
    if (drawn < 0.5 && this.holds.length > 0) return this.endOfHold();
    if (drawn < 0.6 && this.charges.length > 0) return this.refund();
    return this.debit(whose);
  }

  /** Debits that go in one request. */
  many(): HttpAsk[] {
    return Array.from({ length: this.chance.whole(2, 12) }, () => this.debit(this.customer()));
  }

  /** Learns of what others may follow from. */
  answered({ kind, whose }: Ask, { status, body }: Answer): void {
    if (status >= 300) return;
    if (kind === 'hold') this.holds.push({ id: String(body['hold_id']), whose });
    if (kind === 'debit' || kind === 'capture') this.charges.push({ entry: body['entry'], whose });
    if (kind === 'clawback') this.clawbacks.push({ entry: body['entry'], whose });
  }

  /** A quarter of all goes to one wallet. */
  private customer(): Customer {
    const [hot] = this.customers;
    return this.chance.next() < 0.25 && hot ? hot : this.chance.oneOf(this.customers);
  }

  private debit(whose: Customer): HttpAsk {
    return overHttp('debit', whose, '/debits', this.used());
  }

  private hold(whose: Customer): HttpAsk {
    // Some run out while they are captured.
    const ttl_seconds = this.chance.oneOf([1, 1, 2, 60]);
    return overHttp('hold', whose, '/holds', { ...this.used(), ttl_seconds });
  }

  /** Of the last holds any, so that many are ended twice and at once. */
  private endOfHold(): HttpAsk {
    const { id, whose } = this.chance.oneOf(this.holds.slice(-12));
    const path = `/holds/${id}`;
    switch (this.chance.whole(0, 5)) {
      case 0:
        return overHttp('release', whose, `${path}/release`, {});
      case 1:
        return overHttp('extend', whose, `${path}/extend`, {
          ttl_seconds: this.chance.whole(1, 3),
        });
      default:
        return overHttp('capture', whose, `${path}/capture`, {
          quantity: this.quantity(),
          more_to_follow: this.chance.next() < 0.3,
        });
    }
  }

  private refund(): HttpAsk {
    const { entry, whose } = this.chance.oneOf(this.charges.slice(-50));
    const part = this.chance.next() < 0.5 ? {} : { amount: `0.${this.chance.whole(1, 9)}` };
    return overHttp('refund', whose, '/refunds', { entry, ...part });
  }

  private byTheLedger(whose: Customer): LedgerAsk {
    const amount = BigInt(this.chance.whole(1, 40));
    switch (this.chance.whole(0, 9)) {
      case 0:
      case 1:
        return this.transfer(whose, amount);
      case 2: {
        const lot = this.chance.whole(1, 3);
        const amount_micro = 3n * amount * MICRO_PER_CREDIT;
        return byLedger(whose, { kind: 'clawback', lot, amount_micro });
      }
      case 3: {
        const of = this.lastClawback();
        if (of === undefined) return this.grant(whose, amount, null);
        return byLedger(of.whose, {
          kind: 'reinstatement',
          entry_seq: BigInt(String(of.entry)),
        });
      }
      case 4:
        return byLedger(this.lastClawback()?.whose ?? whose, {
          kind: 'write_off',
          details: { reason: 'tried' },
        });
      case 5: {
        const amount_micro = (this.chance.next() < 0.5 ? amount : -amount) * MICRO_PER_CREDIT;
        return byLedger(whose, {
          ...{ kind: 'adjustment', amount_micro, expires_at: null },
          details: { reason: 'tried' },
        });
      }
      case 6:
        return this.grant(whose, amount, this.chance.whole(1, 4));
      default:
        return this.grant(whose, amount, null);
    }
  }

  private lastClawback() {
    const last = this.clawbacks.slice(-5);
    return last.length === 0 ? undefined : this.chance.oneOf(last);
  }

  private grant(whose: Customer, credits: bigint, seconds: number | null): LedgerAsk {
    const expires_at = seconds === null ? null : instantOf(new Date(Date.now() + seconds * 1_000));
    return byLedger(whose, {
      kind: 'grant',
      amount_micro: credits * MICRO_PER_CREDIT,
      source: seconds === null ? 'purchase' : 'promo',
      expires_at,
    });
  }

  private transfer(whose: Customer, credits: bigint): LedgerAsk {
    const key = randomUUID();
    const command: Transfer = {
      kind: 'transfer',
      from_wallet_id: whose.wallet_id,
      to_wallet_id: this.chance.oneOf(this.customers).wallet_id,
      amount_micro: credits * MICRO_PER_CREDIT,
      ...askedBySystem(key),
    };
    return { key, kind: command.kind, whose, command };
  }

  private used() {
    return { operation: this.chance.oneOf(OPERATIONS), quantity: this.quantity() };
  }

  private quantity(): string {
    return String(this.chance.whole(1, 3));
  }
}

function overHttp(kind: string, whose: Customer, path: string, body: HttpAsk['body']): HttpAsk {
  return { key: randomUUID(), kind, whose, path, body: { customer: whose.customer, ...body } };
}

type Content<Kind> = Kind extends KeyedCommand ? Omit<Kind, 'wallet_id' | 'key' | 'asked'> : never;

function byLedger(whose: Customer, content: Content<KeyedCommand>): LedgerAsk {
  const key = randomUUID();
  const command = { ...content, wallet_id: whose.wallet_id, ...askedBySystem(key) };
  return { key, kind: command.kind, whose, command };
}

function askedBySystem(key: string) {
  return { key: { namespace: 'torture', key }, asked: { actor_kind: 'system' } } as const;
}
