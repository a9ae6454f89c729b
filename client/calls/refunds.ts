/* Written by `npm run client` from the endpoints in src/api. */
export interface RefundRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The number of the debit or capture in its wallet. */
  entry: number;
  /** Credits above 0, as a decimal string. */
  amount?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface RefundAnswer {
  refunded_entry: number;
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** The number of the entry in its wallet. */
  entry: number;
  /** Credits, as a decimal string. */
  amount: string;
  /** What it would have cost, where that is another amount. */
  list_amount?: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  debt: string;
  at: string;
}
