/* Written by `npm run client` from the endpoints in src/api. */
export interface HoldRequest {
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
  /** How long it lasts from now. The limit of the wallet counts, if it is less. */
  ttl_seconds: number;
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface HoldAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface ExtendRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How long it lasts from now. The limit of the wallet counts, if it is less. */
  ttl_seconds: number;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface ExtendAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface CaptureRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** Keeps the rest of the hold for later captures. */
  more_to_follow?: boolean | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** When it was, if not now; for analytics only. */
  occurred_at?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface CaptureAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface ReleaseRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface ReleaseAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface HoldsRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface HoldsAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  holds: {
    hold_id: string;
    /** Neither settled nor over its deadline. */
    open: boolean;
    /** What it set apart. */
    amount: string;
    /** Credits, as a decimal string. */
    captured: string;
    /** Credits, as a decimal string. */
    released: string;
    operation?: string;
    quantity?: string;
    on_behalf_of?: string;
    /** The entry that made it. */
    entry: number;
    created_at: string;
    expires_at: string;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
export interface HoldByIdRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface HoldByIdAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  hold_id: string;
  /** Neither settled nor over its deadline. */
  open: boolean;
  /** What it set apart. */
  amount: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
  on_behalf_of?: string;
  /** The entry that made it. */
  entry: number;
  created_at: string;
  expires_at: string;
}
