/** How much is kept, and how old it may get: at most so many values, each for so long. */
export interface CacheLimits {
  size: number;
  milliseconds: number;
}

/**
 * Keeps what was read a moment ago. Who asks for the same at once waits for one reading; a reading
 * that fails or finds nothing is not kept. When it is full, what was read first goes first.
 */
export class Cache<Value> {
  private readonly limits: CacheLimits;
  private readonly kept = new Map<string, { value: Value; until: number }>();
  private readonly reading = new Map<string, Promise<Value | undefined>>();

  constructor(limits: CacheLimits) {
    this.limits = limits;
  }

  /** What is kept, without waiting; else what `read` finds. */
  get(name: string, read: () => Promise<Value | undefined>): Value | Promise<Value | undefined> {
    const known = this.kept.get(name);
    if (known !== undefined && performance.now() < known.until) return known.value;
    const underWay = this.reading.get(name);
    if (underWay !== undefined) return underWay;
    const begun = this.readAndKeep(name, read).finally(() => this.reading.delete(name));
    this.reading.set(name, begun);
    return begun;
  }

  set(name: string, value: Value): void {
    this.kept.delete(name);
    if (this.kept.size >= this.limits.size) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    this.kept.set(name, { value, until: performance.now() + this.limits.milliseconds });
  }

  private async readAndKeep(
    name: string,
    read: () => Promise<Value | undefined>,
  ): Promise<Value | undefined> {
    const value = await read();
    if (value === undefined) this.kept.delete(name);
    else this.set(name, value);
    return value;
  }
}
