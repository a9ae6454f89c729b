const FIRST_MILLISECONDS = 100;
const LONGEST_MILLISECONDS = 5_000;

/** Busy, or a proxy that does not reach the program; 0 is no answer at all. */
const PASSING = new Set([0, 429, 502, 503, 504]);

/** Whether asking again with the same key may help. */
export function mayPass(status: number): boolean {
  return PASSING.has(status);
}

/**
 * How long to wait before the next try: twice as long each time, up to five seconds, and never
 * before `Retry-After`. Chance spreads those who were turned away together.
 * @param tries how often it was tried
 * @param chance at least 0 and below 1
 */
export function waitMilliseconds(
  tries: number,
  retryAfterSeconds: number | undefined,
  chance: number,
): number {
  const longest = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** (tries - 1));
  return (retryAfterSeconds ?? 0) * 1_000 + longest * (0.5 + chance / 2);
}

/** `Retry-After` as seconds from now; undefined when it is neither a number nor a date. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1_000);
}

/** Waits; rejects with the signal's reason when it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      if (signal?.aborted === true) reject(reasonOf(signal));
      else resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}

/** Throws a signal's reason once it is aborted. */
export function stopWhenAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('The call was aborted.', { cause: reason });
}
