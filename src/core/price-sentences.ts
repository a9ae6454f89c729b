import { shortestDecimal } from './decimal.ts';
import type { Period } from './periods.ts';
import {
  ONE_UNIT,
  type PriceComponent,
  QUANTITY_DECIMALS,
  type Tiers,
  formatPrice,
} from './price-rules.ts';

const WINDOWS: Record<Period, string> = {
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  all: 'all time',
};

/** A price as people say it: "1.00 per call + 0.50 per started minute". */
export function priceSentence(components: readonly PriceComponent[]): string {
  if (components.length === 0) return 'no price: it ends';
  return components.map(sentenceOf).join(' + ');
}

function sentenceOf({
  charge,
  unit,
  price_pico,
  step,
  tiers,
  minimum_pico,
}: PriceComponent): string {
  if (charge === 'flat') return `${formatPrice(price_pico)} per ${unit}`;
  const counted = step === ONE_UNIT ? `started ${unit}` : unit;
  const steps =
    step === undefined || step === ONE_UNIT ? '' : `, in steps of ${quantityText(step)} ${unit}`;
  const least =
    minimum_pico === undefined ? '' : `, at least ${formatPrice(minimum_pico)} each time`;
  const price =
    tiers === undefined
      ? `${formatPrice(price_pico)} per ${counted}`
      : tieredText(tiers, price_pico, counted);
  return `${price}${steps}${least}`;
}

function tieredText({ period, mode, bands }: Tiers, beyond_pico: bigint, unit: string): string {
  const parts = bands.map(
    ({ up_to, price_pico }) => `${formatPrice(price_pico)} up to ${quantityText(up_to)}`,
  );
  const all = mode === 'volume' ? ' (all of them at the price of the last)' : '';
  return `per ${unit} ${parts.join(', ')}, then ${formatPrice(beyond_pico)}, counted in ${WINDOWS[period]}${all}`;
}

function quantityText(quantity: bigint): string {
  return shortestDecimal(quantity, QUANTITY_DECIMALS);
}
