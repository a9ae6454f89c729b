/* Written by `npm run client` from the endpoints in src/api. */
export interface DebitRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The code of an operation in the price book. */
  operation: string;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** The quote that has locked the price. */
  quote?: string | undefined;
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** When it was, if not now; for analytics only. */
  occurred_at?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface DebitAnswer {
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
  operation: string;
  quantity: string;
}
