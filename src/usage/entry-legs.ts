import { balanceChangeOf, type EntryKind, type Leg } from '../core/wallet.ts';
import type { ReadEntry } from '../ledger/entries.ts';
import type { Show } from '../lib/formatting.ts';
import { type Wording, lotTitle, onlyFor } from './entry-rows.ts';

/** What an entry moved of one lot, or of what is owed. */
export interface ShownLeg {
  title: string;
  /** The entry that granted the lot. */
  href?: string;
  note?: string;
  amount_micro: bigint;
}

export interface ShownLegs {
  heading: string;
  /** What the column of amounts is called. */
  word: string;
  rows: ShownLeg[];
  total_micro: bigint;
  /** Some came and some went: the amounts have signs. */
  is_mixed: boolean;
  burnt_in_order: boolean;
}

const WORDS: Partial<Record<EntryKind, readonly [heading: string, word: string]>> = {
  hold: ['Which credits are held', 'Held'],
  release: ['Which credits came back', 'Released'],
  expiry: ['Which credits expired', 'Expired'],
  clawback: ['Which credits went', 'Taken back'],
  reinstatement: ['Which credits came back', 'Put back'],
  refund: ['Which credits came back', 'Given back'],
  transfer_out: ['Which credits were sent', 'Sent'],
  transfer_in: ['Which credits came', 'Received'],
  write_off: ['What is owed no more', 'Written off'],
};
const PAID = ['Which credits paid', 'Taken'] as const;
const CAME = ['Which credits came', 'Added'] as const;
const MOVED = ['Which credits moved', 'Change'] as const;

/** The credits that an entry moved, in the order in which it did; undefined when it moved none. */
export function legsOf(
  entry: ReadEntry,
  wording: Wording,
  base: string,
  show: Show,
): ShownLegs | undefined {
  const legs = entry.legs.filter((leg) => !isSuperseded(leg));
  if (legs.length === 0) return undefined;
  const changes = legs.map((leg) => balanceChangeOf([leg]));
  const is_mixed = changes.some((one) => one > 0n) && changes.some((one) => one < 0n);
  const rows = legs.map((leg, index): ShownLeg => {
    const amount_micro = is_mixed ? (changes[index] ?? 0n) : leg.amount;
    return { ...nameOf(leg, wording, base, show), amount_micro };
  });
  const goes = changes.some((one) => one < 0n);
  const [heading, word] = is_mixed ? MOVED : (WORDS[entry.kind] ?? (goes ? PAID : CAME));
  return {
    heading,
    word,
    rows,
    total_micro: rows.reduce((sum, row) => sum + row.amount_micro, 0n),
    is_mixed,
    burnt_in_order: rows.length > 1 && ['debit', 'hold'].includes(entry.kind),
  };
}

/** What comes back to a lot that is over goes on to a new one, which has a leg of its own. */
function isSuperseded({ from, to }: Leg): boolean {
  return from === 'consumed' && to === 'removed';
}

function nameOf(
  leg: Leg,
  wording: Wording,
  base: string,
  show: Show,
): Omit<ShownLeg, 'amount_micro'> {
  if (leg.lot === 0) {
    return { title: leg.from === 'debt' ? 'Added to what is owed' : 'Taken off what is owed' };
  }
  const lot = wording.lots.get(leg.lot);
  const title = `Lot ${leg.lot}`;
  if (lot === undefined) return { title };
  const until = lot.expires_at === null ? 'does not expire' : `until ${show.date(lot.expires_at)}`;
  return {
    href: `${base}/history/${lot.entry_seq}`,
    title: `${lotTitle(lot)} of ${show.date(lot.granted_at)}`,
    note: [title, until, ...onlyFor(lot.operations, wording), ...stateOf(leg)].join(', '),
  };
}

/** What became of it, where it cannot be spent. */
function stateOf({ from, to }: Leg): string[] {
  if (to === 'expired' && from !== 'available') return ['expired meanwhile'];
  return from === 'expired' ? ['had expired'] : [];
}
