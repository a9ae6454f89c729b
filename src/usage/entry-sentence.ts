import { formatCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { type PricedLine, QUANTITY_DECIMALS, formatPrice } from '../core/price-rules.ts';
import type { EntryKind, Leg } from '../core/wallet.ts';
import type { ReadEntry } from '../ledger/entries.ts';
import type { FamilyEntry } from '../ledger/entry-families.ts';
import { type Show, plural } from '../lib/formatting.ts';
import { type Wording, keyNameOf, lotName, onlyFor } from './entry-rows.ts';

/** A product of a price and a quantity is in 10^-18 credit; so many of them are a micro-credit. */
const EXACT_PER_MICRO = 1_000_000_000_000n;

const WAIVERS: Readonly<Record<string, string>> = {
  plan: 'the plan is unlimited',
  super_admin: 'super admins are not charged',
  contract: 'usage is free by contract',
};

/** Why usage cost nothing. */
export function waiverWords(waiver: string): string {
  return WAIVERS[waiver] ?? waiver;
}

/**
 * An entry in one sentence: "2 calls × 1.00 + 7 minutes × 0.50 = 5.50; 3.00 from Welcome credits,
 * 2.50 from Professional; price rule version 3; key web-prod; hold → capture."
 */
export function sentenceOf(
  entry: ReadEntry,
  wording: Wording,
  members: readonly FamilyEntry[],
  show: Show,
): string {
  const versions = [...new Set(entry.lines.map((line) => line.version))];
  const key = keyNameOf(entry, wording);
  const parts = [
    entry.lines.length === 0 ? plainly(entry, wording, show) : sumOf(entry),
    sourcesOf(entry, wording),
    versions.length === 0 ? '' : `price rule version ${versions.join(' and ')}`,
    key === undefined ? '' : `key ${key}`,
    pathOf(members),
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

/** "2 calls × 1.00 + 7 minutes × 0.50 = 5.50", and what was charged if that was another amount. */
function sumOf({ lines, amount_micro, list_amount_micro, waiver, kind }: ReadEntry): string {
  const products = lines.map((line) => {
    const { quantity, unit, price } = lineOf(line);
    return `${quantity} ${unit} × ${price}`;
  });
  const price = lines.reduce((sum, line) => sum + line.amount_micro, 0n);
  const exact = lines.reduce((sum, line) => sum + line.quantity * line.price_pico, 0n);
  const rounded = exact === price * EXACT_PER_MICRO ? '' : ', rounded up once';
  const sum = `${products.join(' + ')} = ${formatCredits(price)}${rounded}`;
  if (waiver !== null) return `${sum}, not charged as ${waiverWords(waiver)}`;
  if (list_amount_micro === null || list_amount_micro === amount_micro) return sum;
  const rest = formatCredits(amount_micro);
  if (kind === 'capture') return `${sum}, of which ${rest} had been held`;
  return `${sum}, of which there was ${rest}`;
}

/** A line of a price, as pages write it. */
export function lineOf(line: PricedLine) {
  const quantity = shortestDecimal(line.quantity, QUANTITY_DECIMALS);
  const isStarted = /^started/i.test(line.label) && line.unit !== 'minimum';
  const unit = plural(line.unit, quantity);
  return {
    label: line.label,
    code: line.code,
    quantity,
    unit: isStarted ? `started ${unit}` : unit,
    price: formatPrice(line.price_pico),
    amount_micro: line.amount_micro,
    rule_version: line.version,
  };
}

/** "3.00 from Welcome credits, 2.50 from Professional": nothing where a single lot was granted. */
function sourcesOf({ kind, legs }: ReadEntry, wording: Wording): string {
  if (kind === 'grant' || kind === 'adjustment' || kind === 'transfer_in') return '';
  const said = legs.flatMap((leg) => {
    const way = wayOf(leg);
    if (way === undefined) return [];
    const amount = formatCredits(leg.amount);
    if (leg.lot === 0) return [`${amount} ${way}`];
    const lot = wording.lots.get(leg.lot);
    return [`${amount} ${way} ${lot === undefined ? `lot ${leg.lot}` : lotName(lot)}`];
  });
  return said.join(', ');
}

function wayOf({ lot, from, to }: Leg): string | undefined {
  if (from === 'consumed' && to === 'removed') return undefined;
  if (lot === 0) return from === 'debt' ? 'as debt' : 'off the debt';
  if (to === 'available') return from === 'outside' ? 'as' : 'back to';
  return to === 'expired' && from !== 'available' ? 'back to expired' : 'from';
}

/** What happened where nothing was priced, up to what was said of it. */
function plainly(entry: ReadEntry, wording: Wording, show: Show): string {
  const { kind, reason, description, namespace } = entry;
  const lot = wording.lots.get(entry.legs[0]?.lot ?? 0);
  switch (kind) {
    case 'grant': {
      const until = lot?.expires_at ? `Good until ${show.date(lot.expires_at)}` : 'Never expires';
      return [until, ...onlyFor(lot?.operations ?? null, wording)].join(', ');
    }
    case 'extension':
      return 'The hold lasts longer, and nothing was charged';
    case 'release':
      return namespace === 'due'
        ? 'The deadline of the hold passed, so what was left came back'
        : 'What was held and not used came back';
    case 'refund':
      return 'What had been charged was given back';
    case 'expiry':
      return 'Nobody used them before their date';
    case 'clawback':
      return 'The payment was refunded or disputed, so its credits were taken back';
    case 'reinstatement':
      return 'The money came after all, so the credits were put back';
    case 'repayment':
      return 'What came repaid first what was owed';
    case 'write_off':
      return 'What was owed need not be repaid';
    case 'transfer_out':
    case 'transfer_in':
      return 'Moved between two workspaces';
    case 'adjustment':
    case 'debit':
    case 'capture':
    case 'hold':
      return reason ?? description ?? 'No reason was given';
  }
}

const STEPS: Partial<Record<EntryKind, string>> = {
  debit: 'charge',
  extension: 'longer hold',
  clawback: 'taken back',
  reinstatement: 'put back',
  write_off: 'written off',
};

/** "hold → capture → release": how the entries that belong together went. */
function pathOf(members: readonly FamilyEntry[]): string {
  const steps = members.map(({ kind }) => STEPS[kind] ?? kind);
  const path = steps.filter((step, index) => step !== steps[index - 1]);
  return path.length < 2 ? '' : path.join(' → ');
}
