/**
 * By how much an amount differs from an earlier one, in tenths of a percent, rounded half away from
 * zero; undefined when there was nothing to compare with.
 */
export function changeInTenths(now: bigint, before: bigint): bigint | undefined {
  if (before <= 0n) return undefined;
  const doubled = ((now - before) * 2_000n) / before;
  return doubled < 0n ? (doubled - 1n) / 2n : (doubled + 1n) / 2n;
}

/** "11.5 % more than", "8 % less than", "as much as"; undefined with nothing to compare with. */
export function changeInWords(now: bigint, before: bigint): string | undefined {
  const tenths = changeInTenths(now, before);
  if (tenths === undefined) return undefined;
  if (tenths === 0n) return now === before ? 'as much as' : 'about as much as';
  return `${percentOf(tenths < 0n ? -tenths : tenths)} ${tenths < 0n ? 'less' : 'more'} than`;
}

/** "11.5 %", "8 %", "1,250 %": tenths of a percent for people. */
export function percentOf(tenths: bigint): string {
  const sign = tenths < 0n ? '−' : '';
  const size = tenths < 0n ? -tenths : tenths;
  const whole = String(size / 10n).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${whole}${size % 10n === 0n ? '' : `.${size % 10n}`} %`;
}

/**
 * What part of a whole an amount is: "11.5 %", and more than nothing for whatever is. Empty where
 * there is no whole, or more came back than was taken.
 */
export function shareOf(part: bigint, whole: bigint): string {
  if (whole <= 0n || part < 0n) return '';
  const tenths = (part * 2_000n + whole) / (whole * 2n);
  return tenths === 0n && part > 0n ? 'under 0.1 %' : percentOf(tenths);
}
