import type { Db, Trx } from '../lib/database.ts';
import { type NewAlert, type RaisedAlert, raise } from './raising.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';

/** Whose live wallet it is about. */
interface Payer {
  workspace_id: string;
  wallet_id: string;
}

/** What billing knows that a workspace should hear of, as often as it is asked. */
export interface TroublePaying {
  /** A charge of auto top-up was declined, or it has stopped by itself. */
  failed: readonly (Payer & { occasion: string; stopped: boolean; reason: string })[];
  /** A saved card that auto top-up charges, and the month in which it expires: `2026-12`. */
  cards: readonly (Payer & { payment_method_id: string; card: string; expires: string })[];
}

/**
 * Raises what there is to hear about paying, each once for ever.
 * @param db as the ledger
 */
export async function raiseAboutPaying(
  db: Db,
  { failed, cards }: TroublePaying,
  links: UnsubscribeLinks,
  passOn: (trx: Trx, raised: readonly RaisedAlert[]) => Promise<void>,
): Promise<void> {
  const alerts: NewAlert[] = [
    ...failed.map(({ occasion, stopped, reason, ...payer }): NewAlert => ({
      ...{ ...payer, livemode: true, kind: 'top_up_failed', subject: occasion },
      facts: { stopped, reason },
    })),
    ...cards.map(({ payment_method_id, card, expires, ...payer }): NewAlert => ({
      ...{ ...payer, livemode: true, kind: 'card_expiring' },
      ...{ subject: `${payment_method_id} ${expires}`, facts: { card, expires } },
    })),
  ];
  if (alerts.length === 0) return;
  await db.transaction().execute(async (trx) => {
    await passOn(trx, await raise(trx, alerts, links));
  });
}
