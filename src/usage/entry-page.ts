import { formatCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { type PricedLine, QUANTITY_DECIMALS, formatPrice } from '../core/price-rules.ts';
import type { Leg } from '../core/wallet.ts';
import { type ReadEntry, entryBySeq } from '../ledger/entries.ts';
import { type Related, relatedTo } from '../ledger/entry-explained.ts';
import type { Trx } from '../lib/database.ts';
import { type Show, plural } from '../lib/formatting.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { type Wording, actorOf, lotTitle, quantityOf, titleOf, wordingFor } from './entry-rows.ts';

/** Everything that explains one entry; undefined when the wallet has no such entry. */
export async function explainEntry(
  trx: Trx,
  workspace: ShownWorkspace,
  walletId: string,
  seq: bigint,
  show: Show,
) {
  const entry = await entryBySeq(trx, walletId, seq);
  if (entry === undefined) return undefined;
  const wording = await wordingFor(trx, walletId, [entry]);
  return {
    entry: {
      seq: entry.seq,
      kind: entry.kind,
      title: [titleOf(entry, wording), quantityOf(entry, wording)].filter(Boolean).join(', '),
      summary: summaryOf(entry, wording, show),
      at: entry.at,
      change_micro: entry.change_micro,
      amount_micro: entry.amount_micro,
      list_amount_micro: entry.list_amount_micro ?? undefined,
      waiver: entry.waiver ?? undefined,
    },
    lines: entry.lines.map(lineOf),
    lots: entry.legs
      .filter((leg) => leg.lot > 0)
      .map((leg) => lotOf(leg, wording, workspace, show)),
    before_micro: entry.balance_after_micro - entry.change_micro,
    after_micro: entry.balance_after_micro,
    who: [
      ...relatives(await relatedTo(trx, walletId, entry), workspace, show),
      ...whoOf(entry, wording),
    ],
  };
}

/** "1 call at 1.00 and 16 minutes at 0.50"; of a grant, what it is and how long it lasts. */
function summaryOf(entry: ReadEntry, wording: Wording, show: Show): string {
  if (entry.lines.length > 0) {
    const parts = entry.lines.map((line) => {
      const { quantity, unit, price } = lineOf(line);
      return `${quantity} ${unit} at ${price}`;
    });
    return `${parts.join(' and ')}: ${formatCredits(entry.amount_micro)} credits.`;
  }
  const lot = wording.lots.get(entry.legs[0]?.lot ?? 0);
  const said = entry.description === null ? '' : `${entry.description}. `;
  if (entry.kind !== 'grant' || lot === undefined) return said;
  return `${said}${lot.expires_at === null ? 'These credits do not expire.' : `Good until ${show.date(lot.expires_at)}.`}`;
}

function lineOf(line: PricedLine) {
  const quantity = shortestDecimal(line.quantity, QUANTITY_DECIMALS);
  return {
    label: line.label,
    code: line.code,
    quantity,
    unit: plural(line.unit, quantity),
    price: formatPrice(line.price_pico),
    amount_micro: line.amount_micro,
    rule_version: line.version,
  };
}

function lotOf(leg: Leg, wording: Wording, workspace: ShownWorkspace, show: Show) {
  const lot = wording.lots.get(leg.lot);
  const title = `Lot ${leg.lot}`;
  const direction = leg.from === 'outside' || leg.to === 'available' ? 'added' : 'taken';
  if (lot === undefined) return { title, taken_micro: leg.amount, direction };
  const until = lot.expires_at === null ? 'does not expire' : `until ${show.date(lot.expires_at)}`;
  return {
    href: `${workspace.base}/history/${lot.entry_seq}`,
    title: `${lotTitle(lot)} of ${show.date(lot.granted_at)}`,
    note: `${title}, ${until}`,
    taken_micro: leg.amount,
    direction,
  };
}

/** The charge that was given back, the hold that was captured, what was charged instead. */
function relatives({ parent, followers }: Related, { base }: ShownWorkspace, show: Show) {
  const link = (label: string, { seq }: { seq: bigint }) => {
    return { label, value: `Entry ${show.count(seq)}`, href: `${base}/history/${seq}` };
  };
  return [
    ...(parent === undefined ? [] : [link('About', parent)]),
    ...followers.map((one) => link('Then', one)),
  ];
}

function whoOf(entry: ReadEntry, wording: Wording) {
  return [
    { label: 'By', value: actorOf(entry, wording) },
    ...(entry.on_behalf_of === null ? [] : [{ label: 'For', value: entry.on_behalf_of }]),
    ...(entry.reason === null ? [] : [{ label: 'Reason', value: entry.reason }]),
    { label: 'Idempotency key', value: `${entry.namespace} ${entry.key}`, code: true },
    ...(entry.payment_id === null
      ? []
      : [{ label: 'Payment', value: entry.payment_id, code: true }]),
    ...(entry.request_id === null
      ? []
      : [{ label: 'Request', value: entry.request_id, code: true }]),
  ];
}
