/* Written by `npm run client` from the endpoints in src/api. */
export interface BalanceRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How it stood at this moment. */
  at?: string | undefined;
  /** Tell what this operation can spend, too. */
  operation?: string | undefined;
}
export interface BalanceAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  debt: string;
  /** Available and held, less debt. */
  balance: string;
  /** The last entry by then; 0 when there was none. */
  entry: number;
  at?: string;
  /** By what is left of what came last, and for how many days it is enough. */
  level?: 'healthy' | 'low' | 'critical' | 'empty' | 'debt' | 'unlimited' | 'frozen';
  frozen?: boolean;
  unlimited?: boolean;
  operation?: string;
  /** Without the lots that are limited to other operations. */
  available_for_operation?: string;
}
