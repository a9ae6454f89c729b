import { z } from 'zod';
import type { ReadEntry } from '../../ledger/entries.ts';
import type { Db } from '../../lib/database.ts';
import { SHOWN_KINDS, type ShownKind, shownKindOf } from '../../usage/entry-kinds.ts';
import { titleOf, wordingFor } from '../../usage/entry-rows.ts';
import { numberOf } from './endpoint.ts';

const KINDS = Object.keys(SHOWN_KINDS);

/** An entry in the words that people have for it. */
export const HistoryItem = z.strictObject({
  entry: z.int(),
  type: z.string().meta({ enum: KINDS }),
  description: z.string(),
  amount: z.number().meta({ description: 'By how much it changed the credits.' }),
  balance: z.number().meta({ description: 'After it.' }),
  feature: z.string().optional(),
  generation_id: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  at: z.string().meta({ format: 'date-time' }),
});

export async function historyOf(
  db: Db,
  walletId: string,
  entries: readonly ReadEntry[],
): Promise<z.output<typeof HistoryItem>[]> {
  const wording = await wordingFor(db, walletId, entries);
  return entries.map((entry) => {
    const source = wording.lots.get(entry.legs[0]?.lot ?? 0)?.source;
    const type: ShownKind = shownKindOf(entry.kind, source);
    const generation = entry.metadata?.['generation_id'];
    return {
      entry: Number(entry.seq),
      type,
      description: entry.description ?? titleOf(entry, wording),
      amount: numberOf(entry.change_micro),
      balance: numberOf(entry.balance_after_micro),
      feature: entry.operation ?? undefined,
      generation_id: typeof generation === 'string' ? generation : undefined,
      metadata: entry.metadata ?? undefined,
      at: entry.at.toISOString(),
    };
  });
}
