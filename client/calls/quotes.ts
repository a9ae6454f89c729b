/* Written by `npm run client` from the endpoints in src/api. */
export interface QuoteRequest {
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
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** For how long the price is kept for a debit or hold. */
  lock_seconds?: number | undefined;
}
export interface QuoteAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  operation: string;
  quantity: string;
  /** Whether it would be charged now. */
  allowed: boolean;
  /** What it would be charged, or else what it costs. */
  amount: string;
  /** Credits, as a decimal string. */
  list_amount?: string;
  lines: {
    component: string;
    label: string;
    unit: string;
    quantity: string;
    /** Credits a unit, with up to twelve decimals. */
    price: string;
    /** Credits, as a decimal string. */
    amount: string;
  }[];
  rule: { id: string; version: number } | null;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  available_after: string;
  /** The problem that the debit would be answered with. */
  refusal?: { status: number; code: string; detail: string; [member: string]: unknown };
  /** Brought by a debit or hold, it is its price. */
  quote?: string;
  expires_at?: string;
}
