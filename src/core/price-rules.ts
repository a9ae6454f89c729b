import { shortestDecimal } from './decimal.ts';
import type { Period } from './periods.ts';

/** Prices are integers of 10^-12 credit, quantities of 10^-6 unit, so a token can cost its due. */
export const PRICE_DECIMALS = 12;
export const QUANTITY_DECIMALS = 6;
/** One unit as a quantity. */
export const ONE_UNIT = 1_000_000n;
/** Price times quantity is in 10^-18 credit; this many of them are a micro-credit. */
const EXACT_PER_MICRO = 1_000_000_000_000n;

/** One line of a price: either once per debit, or for each unit used. */
export interface PriceComponent {
  code: string;
  /** What the line says: "Call", "Started minute". */
  label: string;
  unit: string;
  charge: 'flat' | 'per_unit';
  /** For each unit; with tiers, for each beyond the last of them. */
  price_pico: bigint;
  /** A step that has begun counts whole: ONE_UNIT for started minutes. None: the exact quantity. */
  step?: bigint;
  tiers?: Tiers;
  /** What each use costs at least, in 10^-12 credit. */
  minimum_pico?: bigint;
}

/** How much was used of components that are measured by themselves, by their codes. */
export type Quantities = ReadonlyMap<string, bigint>;
export const NO_COMPONENTS: Quantities = new Map();

/**
 * Prices that depend on what was used of the operation before, in a window of the period. Included
 * quantity is a first tier at price 0.
 */
export interface Tiers {
  period: Period;
  /**
   * `graduated`: each unit costs the price of the tier that it falls into. `volume`: all units cost
   * the price of the tier that the last of them falls into; what was charged before stays.
   */
  mode: 'graduated' | 'volume';
  /** Each up to a quantity and with it, rising. */
  bands: readonly { up_to: bigint; price_pico: bigint }[];
}

/** What an operation costs, as one version of its price rule says it. */
export interface PriceRule {
  id: string;
  operation: string;
  version: number;
  components: readonly PriceComponent[];
}

export interface PricedLine {
  code: string;
  label: string;
  unit: string;
  quantity: bigint;
  price_pico: bigint;
  amount_micro: bigint;
  rule: string;
  version: number;
  /** What was used of the component, where it was measured by itself; before steps and tiers. */
  measured?: bigint | undefined;
}

export interface Price {
  amount_micro: bigint;
  lines: readonly PricedLine[];
}

/** What was used of the rule's operation so far, in the window of a period that is open. */
export type Used = (period: Period) => bigint;

/**
 * What a quantity of an operation costs after what was used before. The components are summed
 * exactly and the sum is rounded up once, to the micro-credit; each line but the last is rounded
 * down for showing, and the last takes the remainder, so that the lines add up to the amount. A
 * component with tiers has a line for each tier that the quantity falls into.
 * @param components of those that are measured by themselves; the others take the quantity
 */
export function priceOf(
  rule: PriceRule,
  quantity: bigint,
  used: Used = () => 0n,
  components: Quantities = NO_COMPONENTS,
): Price {
  if (quantity <= 0n) throw new Error('a quantity to price is positive');
  const exact = rule.components.flatMap((component) => {
    const measured = components.get(component.code);
    const charged =
      component.charge === 'flat' ? ONE_UNIT : inSteps(measured ?? quantity, component.step);
    return atLeast(component, inBands(component, charged, used)).map((band) => ({
      component,
      measured,
      ...band,
      exact: band.quantity * band.price_pico,
    }));
  });
  const total = exact.reduce((sum, line) => sum + line.exact, 0n);
  const amount = (total + EXACT_PER_MICRO - 1n) / EXACT_PER_MICRO;
  let rest = amount;
  const lines = exact.map((line, index): PricedLine => {
    const shown = index === exact.length - 1 ? rest : line.exact / EXACT_PER_MICRO;
    rest -= shown;
    const { code, label, unit } = line.component;
    return {
      code,
      label: line.is_minimum === true ? `${label}, at least` : label,
      unit: line.is_minimum === true ? 'minimum' : unit,
      quantity: line.quantity,
      price_pico: line.price_pico,
      amount_micro: shown,
      rule: rule.id,
      version: rule.version,
      measured: line.measured,
    };
  });
  return { amount_micro: amount, lines };
}

/** The periods in which what is used of the rule's operation is counted. Most rules have none. */
export function countedPeriods(rule: PriceRule): Period[] {
  return [...new Set(rule.components.flatMap(({ tiers }) => tiers?.period ?? []))];
}

/** What counts towards the tiers of a rule: of the component that has them, else the quantity. */
export function countedQuantity(
  rule: PriceRule,
  quantity: bigint,
  components: Quantities = NO_COMPONENTS,
): bigint {
  if (components.size === 0) return quantity;
  const tiered = rule.components.filter(({ tiers }) => tiers !== undefined);
  return tiered.reduce((most, { code }) => {
    const counted = components.get(code) ?? quantity;
    return counted > most ? counted : most;
  }, 0n);
}

/** The code of a component that cannot be measured by itself: the rule has none such per unit. */
export function unknownComponent(
  rule: PriceRule,
  components: Quantities | undefined,
): string | undefined {
  if (components === undefined) return undefined;
  const known = rule.components.filter(({ charge }) => charge === 'per_unit');
  return [...components.keys()].find((code) => !known.some((one) => one.code === code));
}

/** A part of a quantity that has one price. */
interface Band {
  quantity: bigint;
  price_pico: bigint;
  is_minimum?: boolean;
}

function inBands({ price_pico, tiers }: PriceComponent, quantity: bigint, used: Used): Band[] {
  if (tiers === undefined || quantity === 0n) return [{ quantity, price_pico }];
  const start = used(tiers.period);
  const end = start + quantity;
  if (tiers.mode === 'volume') {
    const band = tiers.bands.find(({ up_to }) => end <= up_to);
    return [{ quantity, price_pico: band?.price_pico ?? price_pico }];
  }
  const parts: Band[] = [];
  let position = start;
  for (const band of tiers.bands) {
    const until = band.up_to < end ? band.up_to : end;
    if (until <= position) continue;
    parts.push({ quantity: until - position, price_pico: band.price_pico });
    position = until;
  }
  if (position < end) parts.push({ quantity: end - position, price_pico });
  return parts;
}

/** What costs less than the minimum is one minimum; what was not used at all costs nothing. */
function atLeast({ minimum_pico = 0n }: PriceComponent, bands: Band[]): Band[] {
  if (minimum_pico === 0n || bands.every(({ quantity }) => quantity === 0n)) return bands;
  const sum = bands.reduce((total, band) => total + band.quantity * band.price_pico, 0n);
  if (sum >= minimum_pico * ONE_UNIT) return bands;
  return [{ quantity: ONE_UNIT, price_pico: minimum_pico, is_minimum: true }];
}

/** A unit price for people: at least two decimals, as many as it has. */
export function formatPrice(pricePico: bigint): string {
  const [whole = '0', fraction = ''] = shortestDecimal(pricePico, PRICE_DECIMALS).split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}

function inSteps(quantity: bigint, step: bigint | undefined): bigint {
  if (step === undefined) return quantity;
  return ((quantity + step - 1n) / step) * step;
}
