import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

/** How much is gathered before it is written, and for how long at most. */
const GATHERED_BYTES = 4_096;
const GATHERED_MILLISECONDS = 100;

/**
 * A line of JSON per event on standard output, without secrets. Lines are written some at a time: a
 * system call for each would cost more than the line. What is gathered is written when the program
 * ends, but for kill -9.
 */
export function createLog(level: string, destination: DestinationStream = output()): Logger {
  const options = {
    level,
    hooks: { streamWrite: withoutSecrets },
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

function output(): DestinationStream {
  return pino.destination({
    sync: false,
    minLength: GATHERED_BYTES,
    periodicFlush: GATHERED_MILLISECONDS,
  });
}

/**
 * What a library put into the message or the stack of its error: keys, signatures, passwords of
 * addresses, hashes, and the row that PostgreSQL refuses, which it repeats as a whole.
 */
const SECRETS: readonly [RegExp, string][] = [
  [/\b(scrip_(?:live|test)_|whsec_|[sr]k_(?:live|test)_)[\w+/=-]+/g, '$1…'],
  [/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 …'],
  [/(\w+:\/\/[^\s:/@"]*):[^\s@"]+@/g, '$1:…@'],
  [/\$argon2id\$[^\s",)]+/g, '$argon2id$…'],
  [/(Failing row contains) \(.*?\)\./g, '$1 (…).'],
];

function withoutSecrets(line: string): string {
  // Lines of requests are thousands a second, and hold nothing that was not chosen.
  if (!line.includes('"err"') && !line.includes('"error"')) return line;
  return SECRETS.reduce((text, [pattern, by]) => text.replace(pattern, by), line);
}
