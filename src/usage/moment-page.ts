import { type Instant, instantOf } from '../core/instant.ts';
import { momentIn, momentText } from '../core/local-times.ts';
import { balanceAt } from '../ledger/past-balances.ts';
import { lotsAt } from '../ledger/past-lots.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import type { Trx } from '../lib/database.ts';
import type { Reader, Show } from '../lib/formatting.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { lotTitle } from './entry-rows.ts';

const NO_MOMENT = 'Enter a date from 2000 to 2199 and a time, for example 2026-10-05T14:30.';
const TO_COME = 'This moment is to come. Enter one that has been.';

/** The wallet as it stood at a moment that somebody entered; with a sentence where that is none. */
export async function momentPage(
  trx: Trx,
  workspace: ShownWorkspace,
  { asked, now, reader, show }: { asked: unknown; now: Date; reader: Reader; show: Show },
) {
  const text = typeof asked === 'string' ? asked : '';
  const moment = momentIn(reader.time_zone, text);
  const form = { at: text === '' ? momentText(reader.time_zone, instantOf(now)) : text };
  if (text === '') return { status: 200, form };
  if (moment === undefined) return { status: 422, form, error: NO_MOMENT };
  if (moment.instant > instantOf(now)) return { status: 422, form, error: TO_COME };
  const stood = await stoodAt(trx, workspace, moment.instant, show);
  return { status: 200, form, stood: { ...stood, clock: moment.clock } };
}

async function stoodAt(trx: Trx, workspace: ShownWorkspace, instant: Instant, show: Show) {
  const walletId = await walletIdOf(trx, workspace.id);
  const balance = await balanceAt(trx, walletId, instant);
  if (balance === undefined) throw new Error(`workspace ${workspace.id} has no wallet`);
  const lots = await lotsAt(trx, walletId, instant, balance);
  const left = (lots ?? []).reduce((sum, lot) => sum + lot.left_micro, 0n);
  const { available_micro, held_micro, debt_micro, balance_micro, seq } = balance;
  return {
    ...{ available_micro, held_micro, debt_micro, balance_micro },
    at: new Date(Number(instant / 1_000n)),
    entry: seq === 0n ? undefined : { seq, href: `${workspace.base}/history/${seq}` },
    lots: lots?.map((lot) => ({
      href: `${workspace.base}/history/${lot.entry_seq}`,
      title: lotTitle(lot),
      note: lot.expires_at === null ? 'does not expire' : `until ${show.date(lot.expires_at)}`,
      left_micro: lot.left_micro,
    })),
    // What a hold that had just lapsed kept of a lot that was over: gone by then, and not written.
    gone_micro: lots === undefined ? 0n : available_micro + held_micro - left,
  };
}
