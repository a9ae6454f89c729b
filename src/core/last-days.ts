const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MILLISECONDS = 86_400_000;
const YEARS_BEFORE = 2200;

/**
 * The moment at which a last day in UTC is over, of a text such as 2026-12-31. Undefined for what is
 * no day, for one that is over, and for one that is too far away to be meant.
 */
export function endOfDayUtc(text: string, now: Date): Date | undefined {
  const begins = DAY.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  // The 30th of February would be a day of March.
  if (begins === undefined || !isSame(begins, text)) return undefined;
  const over = new Date(begins.getTime() + DAY_MILLISECONDS);
  return over > now && over.getUTCFullYear() < YEARS_BEFORE ? over : undefined;
}

/** The last day that is over at this moment: "2026-12-31". */
export function lastDayUtc(over: Date): string {
  return new Date(over.getTime() - 1).toISOString().slice(0, 10);
}

function isSame(at: Date, text: string): boolean {
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
