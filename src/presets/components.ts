import type { PresetComponent, PresetOperation } from './preset.ts';

/** An operation that costs the same for each unit, and nothing else. */
export function perUnit(
  { code, name, description, unit }: Omit<PresetOperation, 'components'>,
  price: string,
): PresetOperation {
  const component: PresetComponent = { code: unit, label: name, unit, charge: 'per_unit', price };
  return { code, name, description, unit, components: [component] };
}

/** The same where a unit that has begun counts whole. */
export function perWholeUnit(
  operation: Omit<PresetOperation, 'components'>,
  price: string,
): PresetOperation {
  const { components, ...rest } = perUnit(operation, price);
  return { ...rest, components: components.map((one) => ({ ...one, step: '1' })) };
}
