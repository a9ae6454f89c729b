/* Written by `npm run client` from the endpoints in src/api. */
export interface UsageRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  from: string;
  to: string;
  /** By operation alone, or by hour, day, week or month too. */
  group_by?: 'operation' | 'hour' | 'day' | 'week' | 'month' | undefined;
  /** A time zone by its IANA name: whose hours, days, weeks from Monday and months they are. */
  time_zone?: string | undefined;
}
export interface UsageAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  usage: {
    starts_at: string;
    ends_at: string;
    operation: string;
    /** How often it was charged. */
    charges: number;
    /** In the unit of the operation. */
    quantity: string;
    /** What was charged, less what was refunded. */
    amount: string;
  }[];
}
