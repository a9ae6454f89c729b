/** What the entry points share: parts that start and stop in order, and sentences instead of stacks. */

/** A line for whoever started the program. */
export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** What a process is made of: each part is stopped, in the reverse order, however the process ends. */
export class Running {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #starting = new Set<Promise<unknown>>();
  #stopped: Promise<void> | undefined;

  /** Whether the process is on its way out: then nothing more is started. */
  get ending(): boolean {
    return this.#stopped !== undefined;
  }

  /**
   * Starts a part and keeps how to stop it.
   * @throws Error when the process is ending; a part that came up meanwhile is stopped all the same
   */
  async start<Part>(
    begin: () => Promise<Part>,
    stop: (part: Part) => Promise<void>,
  ): Promise<Part> {
    if (this.ending) throw new Error('the program is ending');
    const starting = begin();
    this.#starting.add(starting);
    try {
      const part = await starting;
      this.#stops.push(() => stop(part));
      return part;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Waits for the parts that are starting, then stops all. One that fails keeps no other running. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    await Promise.allSettled(this.#starting);
    const faults: unknown[] = [];
    for (const stop of this.#stops.splice(0).reverse()) {
      await stop().catch((error: unknown) => faults.push(error));
    }
    if (faults.length > 0) throw faults[0];
  }
}

/** Runs a program that serves, from when `start` has returned until a signal ends it. */
export async function runService(start: (running: Running) => Promise<void>): Promise<void> {
  const running = new Running();
  stopOnSignal(running, 0);
  try {
    await start(running);
  } catch (error) {
    // What breaks because a signal takes the parts away is no news.
    if (!running.ending) await fail(running, error);
  }
}

/** Runs a command to its end, and then stops what it has started. */
export async function runCommand(work: (running: Running) => Promise<void>): Promise<void> {
  const running = new Running();
  stopOnSignal(running, 1);
  try {
    await work(running);
  } catch (error) {
    if (!running.ending) await fail(running, error);
    return;
  }
  if (!running.ending) await running.stop().catch((error: unknown) => fail(running, error));
}

/** Ends the process with what went wrong, in a sentence, when all that was started is stopped. */
async function fail(running: Running, error: unknown): Promise<void> {
  complain(error);
  await running.stop().catch((fault: unknown) => {
    if (fault !== error) complain(fault);
  });
  process.exit(1);
}

/**
 * Ends the program in order at SIGTERM, Ctrl-C and when its terminal is closed. A second signal, or
 * 25 seconds, ends it at once.
 */
function stopOnSignal(running: Running, exitCode: number): void {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > ONE_SIGNAL_MILLISECONDS) process.exit(1);
      return;
    }
    firstAt = performance.now();
    setTimeout(() => process.exit(1), STOP_MILLISECONDS_MAX).unref();
    running.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        complain(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, onSignal);
}

/** One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm. */
const ONE_SIGNAL_MILLISECONDS = 1_000;
const STOP_MILLISECONDS_MAX = 25_000;

function complain(error: unknown): void {
  process.stderr.write(`${reasonOf(error)}\n`);
}

/** What went wrong, in sentences: the error, and beneath it what it came from. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\n${reasonOf(error.cause)}` : '';
  return error.message === '' ? `${error.name}${cause}` : `${error.message}${cause}`;
}
