// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface Alert {
  id: string;
  workspace_id: string;
  wallet_id: string;
  livemode: boolean;
  kind:
    | 'balance_low'
    | 'run_out'
    | 'lot_expiring'
    | 'spike'
    | 'budget_reached'
    | 'top_up_failed'
    | 'card_expiring'
    | 'recovered';
  subject: string;
  facts: Jsonb;
  raised_at: Generated<Timestamp>;
  ended_at: Timestamp | null;
}
