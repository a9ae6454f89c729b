/* Written by `npm run client` from the endpoints in src/api. */
export interface GrantRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** Credits above 0, as a decimal string. */
  amount: string;
  /** Where they come from, as people are told. */
  source: 'promo' | 'reward' | 'welcome' | 'adjustment' | 'import';
  /** Until when they can be spent; for ever when absent. */
  expires_at?: string | undefined;
  /** The lower, the sooner they are spent. An import has 30, all others have 10. */
  priority?: number | undefined;
  /** The only operations that they may be spent on; all when absent. */
  operations?: string[] | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface GrantAnswer {
  source: 'promo' | 'reward' | 'welcome' | 'adjustment' | 'import';
  expires_at: string | null;
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
