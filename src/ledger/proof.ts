import { sql } from 'kysely';
import type { Connections } from '../lib/database.ts';
import { doneUntil, recordedUntil } from './recording.ts';
import { verifySeals } from './seals/check.ts';
import { keepProof } from './proofs-kept.ts';
import { type Violation, verifyLedger } from './verify.ts';

export type { Violation } from './verify.ts';

/**
 * Proves the whole ledger: that it adds up, and that its sealed hours are as they were sealed.
 * @param sealKeys none: the seals are not looked at
 * @param exported a seal that the chain must have
 */
export async function proveLedger(
  { staff }: Pick<Connections, 'staff'>,
  sealKeys: readonly string[],
  exported?: string,
): Promise<Violation[]> {
  const found = await verifyLedger(staff);
  if (sealKeys.length === 0) return found;
  return [...found, ...(await verifySeals(staff, sealKeys, exported))];
}

/** What a proof tells at most. */
const VIOLATIONS_MAX = 1_000;

/** As `proveLedger`, and writes down when and what was found. */
export async function proveAndKeep(
  connections: Pick<Connections, 'staff' | 'ledgerJobs'>,
  sealKeys: readonly string[],
  exported?: string,
): Promise<Violation[]> {
  const started_at = new Date();
  const violations = await proveLedger(connections, sealKeys, exported);
  const isCut = violations.length >= VIOLATIONS_MAX;
  await keepProof(connections.ledgerJobs, { scope: 'all', started_at, violations, isCut });
  return violations;
}

/** Proves that the wallets add up that were written to since the last time, at first all. */
export async function proveChanged({
  staff,
  ledgerJobs,
}: Pick<Connections, 'staff' | 'ledgerJobs'>): Promise<Violation[]> {
  const until = await recordedUntil(staff);
  if (until === undefined) return [];
  const started_at = new Date();
  const done_until = await doneUntil(staff, 'verify');
  const wallets = done_until === null ? undefined : await walletsChanged(staff, done_until);
  const violations = await verifyLedger(staff, wallets);
  const isCut = violations.length >= VIOLATIONS_MAX;
  await keepProof(ledgerJobs, { scope: 'changed', started_at, wallets, violations, isCut });
  await ledgerJobs
    .updateTable('ledger_progress')
    .set({ done_until: until })
    .where('task', '=', 'verify')
    .execute();
  return violations;
}

async function walletsChanged(staff: Connections['staff'], since: Date): Promise<string[]> {
  const { rows } = await sql<{ wallet_id: string }>`
    select distinct wallet_id from entries where recorded_at >= ${since}`.execute(staff);
  return rows.map((row) => row.wallet_id);
}

/** Proves one wallet, and writes down what was found. */
export async function proveWallet(
  { staff, ledgerJobs }: Pick<Connections, 'staff' | 'ledgerJobs'>,
  walletId: string,
): Promise<Violation[]> {
  const started_at = new Date();
  const wallets = [walletId];
  const violations = await verifyLedger(staff, wallets);
  await keepProof(ledgerJobs, { scope: 'wallet', started_at, wallets, violations, isCut: false });
  return violations;
}
