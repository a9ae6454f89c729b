/* Written by `npm run client` from the endpoints in src/api. */
export interface StatementRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  from: string;
  /** Entries before this, and not at it. */
  to: string;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface StatementAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  from: string;
  to: string;
  /** Just before `from`. */
  opening: {
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** Available and held, less debt. */
    balance: string;
  };
  /** Just before `to`. */
  closing: {
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** Available and held, less debt. */
    balance: string;
  };
  /** Opening, the changes of all entries and this come to closing: what expired before `from` and was written after it, less the same at `to`. Nearly always 0. */
  carried: string;
  /** What all its entries come to, by kind. */
  totals: {
    kind:
      | 'grant'
      | 'debit'
      | 'hold'
      | 'extension'
      | 'capture'
      | 'release'
      | 'refund'
      | 'expiry'
      | 'clawback'
      | 'reinstatement'
      | 'adjustment'
      | 'transfer_out'
      | 'transfer_in'
      | 'repayment'
      | 'write_off';
    entries: number;
    /** Credits, as a decimal string. */
    amount: string;
    /** Credits, as a decimal string. */
    change: string;
  }[];
  entries: {
    /** Its number in the wallet, from 1 without a gap. */
    entry: number;
    kind:
      | 'grant'
      | 'debit'
      | 'hold'
      | 'extension'
      | 'capture'
      | 'release'
      | 'refund'
      | 'expiry'
      | 'clawback'
      | 'reinstatement'
      | 'adjustment'
      | 'transfer_out'
      | 'transfer_in'
      | 'repayment'
      | 'write_off';
    /** Credits, as a decimal string. */
    amount: string;
    /** Credits, as a decimal string. */
    list_amount?: string;
    /** Why it cost less than `list_amount`. */
    waiver?: string;
    /** By how much it changed the balance. */
    change: string;
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** After it, as the three before. */
    balance: string;
    moves: {
      /** The lot; null for the wallet's debt. */
      lot: number | null;
      from: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
      to: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
      /** Credits, as a decimal string. */
      amount: string;
    }[];
    operation?: string;
    quantity?: string;
    /** The entry that it is about or follows from. */
    parent?: number;
    payment?: string;
    /** Who asked: person, api_key, payment, job or system. */
    asked_by: string;
    /** The id of the key that asked. */
    api_key?: string;
    on_behalf_of?: string;
    /** Where keys of the same owner as this one asked for it. */
    idempotency_key?: string;
    at: string;
    occurred_at?: string;
    description?: string;
    reason?: string;
    metadata?: Record<string, unknown>;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
