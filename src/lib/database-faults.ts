/**
 * Serialization, deadlock, lock and statement time-outs, no room, shut-downs, lost connections, and a
 * server that has become a standby.
 */
const PASSING = /^(40001|40P01|55P03|57014|57P0[123]|53\w{3}|08\w{3}|25006)$/;
const LOST =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What the driver says without a code. */
const SAID =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|not queryable/;

/**
 * Whether a fault of the database will pass by itself, so that asking again is the thing to do. It
 * may be unknown whether what was asked stands.
 */
export function isPassingFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = databaseCodeOf(error);
  return PASSING.test(code) || LOST.test(code) || SAID.test(error.message);
}

/** The SQLSTATE or system code of an error; empty when it has none. */
export function databaseCodeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : '';
}
