import { sql } from 'kysely';
import { type Rules, breaking } from './scope.ts';

/** What is booked of the lots that cost something, beside them: of wallets that are booked up to now. */
export const bookRules: Rules = (scope) =>
  breaking('what is booked of a lot is what is gone of it', {
    wallet: 'l.wallet_id',
    detail: `'lot ' || l.number`,
    found: sql`from booked_wallets p
      join wallets w on w.id = p.wallet_id and w.last_seq = p.last_seq
      join lots l on l.wallet_id = p.wallet_id and l.cost_minor > 0
      left join booked_lots b on b.wallet_id = l.wallet_id and b.lot_number = l.number
      where ${scope('p.wallet_id')} and l.granted - l.available - l.held
        <> coalesce(b.sent + b.used + b.expired + b.returned + b.corrected, 0)`,
  });
