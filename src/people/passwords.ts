import { hash, parseOptions, verify } from '@node-rs/argon2';
import { AppError } from '../lib/errors.ts';

/** OWASP's second choice of parameters for argon2id, the library's default algorithm. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of a random password that nobody kept: what is verified when there is no hash to verify. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$FjsYqe0afaim7QIGiklAIg$4IEbv0PbSTTpINhGSfPNkOZsLjGRVAR0aDQ2wWXTaZs';

/** The two functions of argon2 that are used. */
export interface HashEngine {
  hash(password: string, cost: typeof COST): Promise<string>;
  verify(hashed: string, password: string): Promise<boolean>;
}

export interface Passwords {
  /** In PHC form. Throws 503 `busy`. */
  hash(password: string): Promise<string>;
  /** Takes as long without a hash (null, which never fits) as with one. Throws 503 `busy`. */
  verify(hashed: string | null, password: string): Promise<boolean>;
  /** Whether a hash was made with less cost than hashes are made with now. */
  isOutdated(hashed: string): boolean;
}

export interface PasswordsOptions {
  running_max?: number;
  waiting_max?: number;
  engine?: HashEngine;
}

/**
 * Passwords as argon2id hashes. Each takes 19 MiB and a thread, so only a few run at once and a few
 * more wait: a flood of sign-ins is refused rather than that the program dies of it.
 */
export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const { running_max = 4, waiting_max = 64, engine = { hash, verify } } = options;
  const inTurn = takeTurns(running_max, waiting_max);
  return {
    hash: (password) => inTurn(() => engine.hash(password, COST)),
    verify: (hashed, password) =>
      inTurn(async () => {
        const fits = await engine.verify(hashed ?? NOBODYS_HASH, password);
        return fits && hashed !== null;
      }),
    isOutdated: (hashed) => {
      const made = parseOptions(hashed);
      return made.memoryCost < COST.memoryCost || made.timeCost < COST.timeCost;
    },
  };
}

/** The process's own: the limit is one for all that hash. */
export const passwords: Passwords = createPasswords();

/** Hashes a password for `createPerson`. Throws 503 `busy`. */
export const hashPassword = (password: string): Promise<string> => passwords.hash(password);

function takeTurns(runningMax: number, waitingMax: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < runningMax) running += 1;
    else if (waiting.length >= waitingMax) throw busy();
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A turn is handed to the next in the queue, so nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function busy(): AppError {
  return new AppError(
    503,
    'busy',
    'Too many people are signing in at this moment. Try again in a few seconds.',
    { retry_after_seconds: 5 },
  );
}
