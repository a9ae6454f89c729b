import { scaleBand, scaleLinear } from 'd3-scale';
import { area, curveStepAfter } from 'd3-shape';
import { changeInWords } from '../../core/changes.ts';
import { MICRO_PER_CREDIT } from '../../core/credits.ts';
import type { BucketUnit } from '../../core/usage-ranges.ts';
import type { Show } from '../../lib/formatting.ts';
import { BUCKET_WORDS, labelsUnder } from './bucket-names.ts';

/** What the bars show, and how an amount of it is written. */
export interface Measure {
  /** "Credits spent" */
  title: string;
  /** The heading of its column: "Spent" */
  column: string;
  /** What the axis counts: "Credits" */
  unit: string;
  /** So much is one of it. */
  one: bigint;
  /** Stands at the end of the caption. */
  note: string;
  /** "Nothing was spent" */
  nothing: string;
  /** @param among what stands in one column with it */
  write: (amount: bigint, among?: readonly bigint[]) => string;
}

/** Amounts are micro-credits. */
function creditsSpent(show: Show): Measure {
  return {
    title: 'Credits spent',
    column: 'Spent',
    unit: 'Credits',
    one: MICRO_PER_CREDIT,
    note: 'Refunds are taken off.',
    nothing: 'Nothing was spent',
    write: (amount, among) =>
      show.credits(amount, among === undefined ? {} : { decimals: show.decimals([...among]) }),
  };
}

/** What one bar stands for, and what there was at the same place of the period before. */
export interface ChartBucket {
  starts_at: Date;
  amount: bigint;
  before?: bigint | undefined;
  /** Where its bar and its row lead. */
  href?: string | undefined;
}

export interface ChartData {
  /** Tells the charts of a page apart: the ids in it begin with it. */
  id: string;
  unit: BucketUnit;
  /** One at least, in their order and without a gap. */
  buckets: readonly ChartBucket[];
  /** When the last one ends. */
  ends_at: Date;
  /** Whether the last one is not over yet. */
  is_unfinished: boolean;
  /** "28 days" */
  period: string;
  /** Its name, "28 days before", and its sum. */
  before?: { name: string; total: bigint } | undefined;
}

interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  is_unfinished: boolean;
}

/** What `views/usage/_chart.eta` draws: shapes in units of the plot, and every word beside them. */
export type BarChart = ReturnType<typeof barChart>;

const WIDTH = 560;
const HEIGHT = 200;
const TICKS = 3;
/** What there was at all can be seen. */
const BAR_HEIGHT_LEAST = 1;

/** Spending as bars, with the period before it as a stepped area behind them. */
export function spendChart(data: ChartData, show: Show): BarChart {
  return barChart(data, creditsSpent(show), show);
}

/** Amounts of something as bars, with the period before as a stepped area behind them. */
export function barChart(data: ChartData, measure: Measure, show: Show) {
  const { id, unit, buckets, before } = data;
  const words = BUCKET_WORDS[unit];
  const { y, ticks } = scaleOf(buckets, measure);
  const axis = axisOf(ticks, measure);
  const total = buckets.reduce((sum, one) => sum + one.amount, 0n);
  const bars = barsOf(data, measure, y);
  const names = buckets.map((one) => words.row(one.starts_at, show));
  const rows = buckets.map((one, index) => ({
    ...one,
    // Where the clock goes back, an hour comes twice.
    name: `${names[index] ?? ''}${names[index] === names[index - 1] ? ', again' : ''}`,
    datetime: words.machine(one.starts_at, show),
    is_unfinished: data.is_unfinished && index === buckets.length - 1,
  }));
  const range = show.dateRange(buckets[0]?.starts_at ?? data.ends_at, beforeEnd(data.ends_at));
  return {
    id,
    title: `${measure.title} per ${unit}, ${range}`,
    finding: findingOf(data, total, measure, show),
    caption:
      `${axis.unit} ${words.per}, ${words.zoned} in ${show.zone} time. ${measure.note}`.trim(),
    column: measure.column,
    write: measure.write,
    period: data.period,
    heading: words.heading,
    width: WIDTH,
    height: HEIGHT,
    grid: ticks
      .slice(1)
      .map((tick) => `M0 ${rounded(y(tick))}H${WIDTH}`)
      .join(''),
    zero: `M0 ${rounded(y(0))}H${WIDTH}`,
    past: before === undefined ? undefined : pastOf(buckets, measure, y),
    bars,
    y_labels: axis.labels,
    x_labels: labelsUnder(
      unit,
      buckets.map((one) => one.starts_at),
      show,
    ),
    unfinished: rows.at(-1)?.is_unfinished === true ? words.unfinished : undefined,
    rows,
    total,
    before,
  };
}

/** From nought, or from the least where more came back than was spent, to a round number. */
function scaleOf(buckets: readonly ChartBucket[], { one: unit }: Measure) {
  const values = buckets
    .flatMap(({ amount, before = 0n }) => [amount, before])
    .map((amount) => ratioOf(amount, unit));
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const y = scaleLinear([least, least === most ? 1 : most], [HEIGHT, 0]).nice(TICKS);
  return { y, ticks: y.ticks(least === most ? 1 : TICKS) };
}

const SCALES = [
  { from: 1e12, name: 'Trillions' },
  { from: 1e9, name: 'Billions' },
  { from: 1e6, name: 'Millions' },
] as const;

const AXIS_FORMAT = new Intl.NumberFormat('en', { maximumFractionDigits: 9 });

/** The words at the axis from above: whole numbers of a fitting unit, never "1.2k". */
function axisOf(ticks: readonly number[], { unit }: Measure) {
  const most = Math.max(...ticks.map(Math.abs));
  const scale = SCALES.find((one) => most >= one.from);
  return {
    unit: scale === undefined ? unit : `${scale.name} of ${unit.replace(/^Credits$/, 'credits')}`,
    labels: ticks
      .map((tick) => AXIS_FORMAT.format(tick / (scale?.from ?? 1)).replace('-', '−'))
      .reverse(),
  };
}

type Y = (value: number) => number;

function barsOf({ buckets, is_unfinished }: ChartData, { one }: Measure, y: Y): Bar[] {
  const x = scaleBand(buckets.keys(), [0, WIDTH]).paddingInner(0.5).paddingOuter(0.25);
  return buckets.flatMap(({ amount }, index) => {
    if (amount === 0n) return [];
    const [from, to] = [y(0), y(ratioOf(amount, one))];
    const height = Math.max(Math.abs(from - to), BAR_HEIGHT_LEAST);
    return {
      x: rounded(x(index) ?? 0),
      y: rounded(amount > 0n ? from - height : from),
      width: rounded(x.bandwidth()),
      height: rounded(height),
      is_unfinished: is_unfinished && index === buckets.length - 1,
    };
  });
}

/** Each step is as wide as the bar before it and the room around that. */
function pastOf(buckets: readonly ChartBucket[], { one }: Measure, y: Y): string | undefined {
  const values = buckets.map(({ before = 0n }) => ratioOf(before, one));
  if (values.every((value) => value === 0)) return undefined;
  const steps = [...values, ...values.slice(-1)];
  return (
    area<number>()
      .digits(2)
      .curve(curveStepAfter)
      .x((_value, index) => (index * WIDTH) / values.length)
      .y0(y(0))
      .y1((value) => y(value))(steps) ?? undefined
  );
}

function findingOf(
  { unit, buckets, before }: ChartData,
  total: bigint,
  { write, nothing }: Measure,
  show: Show,
): string {
  const [most, ...others] = buckets.toSorted((one, other) =>
    one.amount < other.amount ? 1 : one.amount > other.amount ? -1 : 0,
  );
  const earlier = before === undefined ? '' : `${write(before.total)} of the ${before.name}`;
  if (most === undefined || (most.amount === 0n && total === 0n)) {
    const isLess = before !== undefined && before.total > 0n;
    return `${nothing}${isLess ? `, after the ${earlier.toLowerCase()}` : ''}.`;
  }
  const change = before && changeInWords(total, before.total);
  const compared = change === undefined ? '' : `, ${change} the ${earlier.toLowerCase()}`;
  const sum = `${write(total)} in all${compared}.`;
  if (others.length === 0 || most.amount <= 0n) return sum;
  const peak = BUCKET_WORDS[unit].sentence(most.starts_at, show);
  return `${sum} Most ${peak}: ${write(most.amount)}.`;
}

/** Near enough for where something is drawn; what is written is never made from it. */
function ratioOf(amount: bigint, one: bigint): number {
  return Number(amount) / Number(one);
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}

function beforeEnd(end: Date): Date {
  return new Date(end.getTime() - 1);
}
