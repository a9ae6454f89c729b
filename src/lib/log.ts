import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** How much is gathered before it is written, and for how long at most. */
const GATHERED_BYTES = 4_096;
const GATHERED_MILLISECONDS = 100;

/**
 * A line of JSON per event on standard output, without secrets. Lines are written some at a time: a
 * system call for each would cost more than the line. What is gathered is written when the program
 * ends, but for kill -9.
 */
export function createLog(level: string): Logger {
  const destination = pino.destination({
    sync: false,
    minLength: GATHERED_BYTES,
    periodicFlush: GATHERED_MILLISECONDS,
  });
  const options = {
    level,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["stripe-signature"]',
        'res.headers["set-cookie"]',
        '*.password',
        '*.secret',
      ],
      censor: '[removed]',
    },
  };
  return pino(options, destination);
}
