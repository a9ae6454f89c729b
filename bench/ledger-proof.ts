import { verifyLedger } from '../src/ledger/verify.ts';
import { connect } from '../src/lib/database.ts';

/** @throws Error when the ledger does not add up: then the figures are worth nothing */
export async function proveLedger(databaseUrl: string): Promise<void> {
  const onError = (): void => undefined;
  const connections = await connect({ url: databaseUrl, poolMax: 2, onError });
  try {
    const violations = await verifyLedger(connections.staff);
    if (violations.length === 0) return;
    throw new Error(`the ledger does not add up: ${JSON.stringify(violations.slice(0, 10))}`);
  } finally {
    await connections.close();
  }
}
