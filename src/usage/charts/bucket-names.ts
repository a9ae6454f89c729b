import type { BucketUnit } from '../../core/usage-ranges.ts';
import type { Show } from '../../lib/formatting.ts';

interface Words {
  /** The heading of the table's first column. */
  heading: string;
  /** "a day" */
  per: string;
  /** What the zone is said of. */
  zoned: string;
  /** What is not over yet. */
  unfinished: string;
  /** After how many there may be a label, so that labels fall on like days. */
  label_steps: readonly number[];
  /** At the axis. */
  short: (at: Date, show: Show, isLong: boolean) => string;
  /** In a row. */
  row: (at: Date, show: Show) => string;
  /** In a sentence, with its preposition. */
  sentence: (at: Date, show: Show) => string;
  /** For `<time datetime>`. */
  machine: (at: Date, show: Show) => string;
}

export const BUCKET_WORDS: Record<BucketUnit, Words> = {
  hour: {
    heading: 'Hour',
    per: 'an hour',
    zoned: 'hours',
    unfinished: 'This hour so far',
    label_steps: [1, 2, 3, 6, 12, 24],
    short: (at, show) => show.time(at),
    row: (at, show) => `${show.weekday(at)}, ${show.time(at)}`,
    sentence: (at, show) => `from ${show.time(at)} on ${show.day(at)}`,
    machine: (at, show) => show.iso(at),
  },
  day: {
    heading: 'Day',
    per: 'a day',
    zoned: 'days',
    unfinished: 'Today so far',
    label_steps: [1, 2, 7, 14, 21, 28],
    short: (at, show) => show.dayOfMonth(at),
    row: (at, show) => show.weekday(at),
    sentence: (at, show) => `on ${show.day(at)}`,
    machine: (at, show) => show.isoDay(at),
  },
  week: {
    heading: 'Week from',
    per: 'a week',
    zoned: 'weeks from Monday',
    unfinished: 'This week so far',
    label_steps: [1, 2, 4, 8, 13, 26],
    short: (at, show, isLong) => (isLong ? show.shortMonth(at) : show.dayOfMonth(at)),
    row: (at, show) => show.shortDate(at),
    sentence: (at, show) => `in the week from ${show.shortDate(at)}`,
    machine: (at, show) => show.isoDay(at),
  },
  month: {
    heading: 'Month',
    per: 'a month',
    zoned: 'months',
    unfinished: 'This month so far',
    label_steps: [1, 2, 3, 6, 12, 24],
    short: (at, show) => show.shortMonth(at),
    row: (at, show) => show.month(at),
    sentence: (at, show) => `in ${show.month(at)}`,
    machine: (at, show) => show.isoDay(at).slice(0, 7),
  },
};

const LABELS_MOST = 5;
/** Of the axis: a label that begins after it would stand out at its end. */
const LAST_LABEL = 0.85;

/** What stands under the bars: a label under some of them, empty texts under the others. */
export function labelsUnder(unit: BucketUnit, starts: readonly Date[], show: Show): string[] {
  const words = BUCKET_WORDS[unit];
  const count = starts.length;
  const step =
    words.label_steps.find((one) => count / one <= LABELS_MOST) ?? Math.ceil(count / LABELS_MOST);
  return starts.map((at, index) =>
    index % step === 0 && index / count < LAST_LABEL ? words.short(at, show, count > 53) : '',
  );
}
