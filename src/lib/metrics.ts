/** What Prometheus asks a process for, in its text format. */

export type Labels = Readonly<Record<string, string>>;

/** One number at the moment of asking. */
export interface Sample {
  name: string;
  help: string;
  /** A counter only grows while the process lives. */
  type: 'gauge' | 'counter';
  labels?: Labels;
  value: number;
}

/** How often something was how large, by labels of which there are few. */
export class Histogram {
  readonly #series = new Map<string, { labels: Labels; buckets: number[]; sum: number }>();
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];

  /** @param bounds the upper ends of the buckets, rising; one without an end is added */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
  }

  /** Takes in one value. Each of the labels may have as many values as the code names, never a caller. */
  observe(value: number, labels: Labels = {}): void {
    const key = Object.values(labels).join('\n');
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, buckets: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#series.set(key, series);
    }
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? this.#bounds.length : found;
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    series.sum += value;
  }

  text(): string {
    const lines = [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`];
    for (const { labels, buckets, sum } of this.#series.values()) {
      let count = 0;
      for (const [index, added] of buckets.entries()) {
        count += added;
        const le = String(this.#bounds[index] ?? '+Inf');
        lines.push(`${this.name}_bucket${written({ ...labels, le })} ${count}`);
      }
      lines.push(`${this.name}_sum${written(labels)} ${sum}`);
      lines.push(`${this.name}_count${written(labels)} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

/** The samples of one name stand together, as the format wants it. */
export function textOf(samples: readonly Sample[]): string {
  let text = '';
  for (const [name, ones] of Map.groupBy(samples, (sample) => sample.name)) {
    const [first] = ones;
    if (first === undefined) continue;
    text += `# HELP ${name} ${first.help}\n# TYPE ${name} ${first.type}\n`;
    for (const { labels = {}, value } of ones) text += `${name}${written(labels)} ${value}\n`;
  }
  return text;
}

function written(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
