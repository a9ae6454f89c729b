/** What went wrong with a transaction, as far as it says what to do next. */
export type Fault =
  /** Nothing of it stands, or it is unknown whether it does: the same keys make asking again safe. */
  | 'ask_again'
  /** One of its commands cannot be written. */
  | 'poisoned';

/** Serialization, deadlock, lock and statement time-outs, shut-downs, lost connections. */
const ASK_AGAIN = /^(40001|40P01|55P03|57014|57P0[123]|53\w{3}|08\w{3})$/;
const LOST = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/;

export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return 'poisoned';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (ASK_AGAIN.test(code) || LOST.test(code)) return 'ask_again';
  return /Connection terminated|timeout exceeded when trying to connect/.test(error.message)
    ? 'ask_again'
    : 'poisoned';
}

/** Whether the lock of a wallet could not be had in time: another transaction dawdles on it. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
