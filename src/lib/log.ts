import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** A line of JSON per event on standard output, without secrets. */
export function createLog(level: string): Logger {
  return pino({
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
  });
}
