import { shortestDecimal } from './decimal.ts';

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
  price_pico: bigint;
  /** A step that has begun counts whole: ONE_UNIT for started minutes. None: the exact quantity. */
  step?: bigint;
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
}

export interface Price {
  amount_micro: bigint;
  lines: readonly PricedLine[];
}

/**
 * What a quantity of an operation costs. The components are summed exactly and the sum is rounded
 * up once, to the micro-credit; each line but the last is rounded down for showing, and the last
 * takes the remainder, so that the lines add up to the amount.
 */
export function priceOf(rule: PriceRule, quantity: bigint): Price {
  if (quantity <= 0n) throw new Error('a quantity to price is positive');
  const exact = rule.components.map((component) => {
    const charged = component.charge === 'flat' ? ONE_UNIT : inSteps(quantity, component.step);
    return { component, quantity: charged, exact: charged * component.price_pico };
  });
  const total = exact.reduce((sum, line) => sum + line.exact, 0n);
  const amount = (total + EXACT_PER_MICRO - 1n) / EXACT_PER_MICRO;
  let rest = amount;
  const lines = exact.map((line, index): PricedLine => {
    const shown = index === exact.length - 1 ? rest : line.exact / EXACT_PER_MICRO;
    rest -= shown;
    const { code, label, unit, price_pico } = line.component;
    return {
      code,
      label,
      unit,
      quantity: line.quantity,
      price_pico,
      amount_micro: shown,
      rule: rule.id,
      version: rule.version,
    };
  });
  return { amount_micro: amount, lines };
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
