import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import { nameOfCard } from './auto-top-up/saved-cards.ts';

/** For so long a trouble is told of to whoever asks; they know what they have heard already. */
const NEWS_DAYS = 2;
/** Cards are told of when the last day of their month is not further away. */
const EXPIRY_DAYS = 30;

interface Payer {
  workspace_id: string;
  wallet_id: string;
}

/** A declined charge of auto top-up, or that it has stopped by itself. */
export interface FailedTopUp extends Payer {
  /** The same for as long as it is about the same charge or end. */
  occasion: string;
  stopped: boolean;
  reason: string;
}

/** A card that auto top-up charges, and the month at whose end it expires: `2026-12`. */
export interface ExpiringCard extends Payer {
  payment_method_id: string;
  card: string;
  expires: string;
}

/** What went wrong of late with what is bought by itself, and what will: as it stands now. */
export async function topUpTroubles(
  db: Db,
): Promise<{ failed: FailedTopUp[]; cards: ExpiringCard[] }> {
  return { failed: await failedTopUps(db), cards: await expiringCards(db) };
}

async function failedTopUps(db: Db): Promise<FailedTopUp[]> {
  const { rows } = await sql<FailedTopUp>`
    select workspace_id, wallet_id, not enabled as stopped,
      coalesce(stopped_reason, 'declined') as reason,
      case when enabled then 'declined, next ' || next_look_at else 'stopped ' || stopped_at end
        as occasion
    from auto_top_ups
    where updated_at > now() - ${NEWS_DAYS} * interval '1 day'
      and ((enabled and failures > 0 and next_look_at is not null)
        or (not enabled and stopped_reason <> 'turned_off'))`.execute(db);
  return rows;
}

async function expiringCards(db: Db): Promise<ExpiringCard[]> {
  const { rows } = await sql<ExpiringCard & { brand: string; last4: string }>`
    select t.workspace_id, t.wallet_id, t.payment_method_id, c.card ->> 'brand' as brand,
      c.card ->> 'last4' as last4, to_char(month.begins, 'YYYY-MM') as expires
    from auto_top_ups t
    join stripe_customers c on c.workspace_id = t.workspace_id and c.provider = t.provider
      and c.livemode = t.livemode and c.payment_method_id = t.payment_method_id
    cross join lateral (
      select make_date((c.card ->> 'exp_year')::int, (c.card ->> 'exp_month')::int, 1) as begins
    ) month
    where t.enabled
      and month.begins + interval '1 month' <= now() + ${EXPIRY_DAYS} * interval '1 day'`.execute(
    db,
  );
  return rows.map(({ brand, last4, ...card }) => ({ ...card, card: nameOfCard({ brand, last4 }) }));
}
