/** How often something is paid. */
export interface Rhythm {
  interval: string;
  interval_count: number;
}

const DAY_SECONDS = 24 * 3600;

/**
 * The end of the period that is running at `after`: the first boundary later than it, counted in
 * whole intervals from the anchor. A month that is too short for the anchor's day ends on its last.
 */
export function periodEnd(anchor: number, rhythm: Rhythm, after: number): number {
  let count = 1;
  while (boundary(anchor, rhythm, count) <= after) count += 1;
  return boundary(anchor, rhythm, count);
}

/** The moment `count` intervals after the anchor, in Unix seconds. */
function boundary(anchor: number, { interval, interval_count }: Rhythm, count: number): number {
  const steps = count * interval_count;
  switch (interval) {
    case 'day':
      return anchor + steps * DAY_SECONDS;
    case 'week':
      return anchor + steps * 7 * DAY_SECONDS;
    case 'year':
      return addMonths(anchor, steps * 12);
    default:
      return addMonths(anchor, steps);
  }
}

function addMonths(anchor: number, months: number): number {
  const from = new Date(anchor * 1000);
  const first = new Date(from);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), last));
  return first.getTime() / 1000;
}

/** `month`, or `3 months`: how people say it after "each" or "every". */
export function rhythmText({ interval, interval_count }: Rhythm): string {
  return interval_count === 1 ? interval : `${interval_count} ${interval}s`;
}

/** A day as people read it, for example `22 Nov 2026`. */
export function dayText(at: number): string {
  const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', day).format(at * 1000);
}
