/** What the entry points share: a sentence instead of a stack when the program cannot run. */

/** A line for whoever started the program. */
export function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** Runs an entry point; an error ends the process with its message and status 1. */
export async function runProgram(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * Ends the program in order at SIGTERM, Ctrl-C and when its terminal is closed. A second signal, or
 * 25 seconds, ends it at once.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MILLISECONDS_MAX).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${reasonOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', onSignal);
}

const STOP_MILLISECONDS_MAX = 25_000;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\n${reasonOf(error.cause)}` : '';
  return error.message === '' ? `${error.name}${cause}` : `${error.message}${cause}`;
}
