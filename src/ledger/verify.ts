import { sql } from 'kysely';
import type { Db, Trx } from '../lib/database.ts';
import { bookRules } from './verify/book-rules.ts';
import { entryRules } from './verify/entry-rules.ts';
import { holdRules } from './verify/hold-rules.ts';
import { lotRules } from './verify/lot-rules.ts';
import { paymentRules } from './verify/payment-rules.ts';
import { planRules } from './verify/plan-rules.ts';
import { promoRules } from './verify/promo-rules.ts';
import { reversalRules } from './verify/reversal-rules.ts';
import { rollupRules } from './verify/rollup-rules.ts';
import { type Scope, type Violation, theseWallets, walletsBetween } from './verify/scope.ts';

export type { Violation } from './verify/scope.ts';

const RULES = [
  entryRules,
  lotRules,
  holdRules,
  reversalRules,
  paymentRules,
  planRules,
  promoRules,
  rollupRules,
  bookRules,
];
/** Who is told of as many has enough to do. */
const VIOLATIONS_MAX = 1_000;
/** How much is looked at in one go: enough to be fast, little enough to be sorted in memory. */
const WALLETS_MAX = 5_000;
const ENTRIES_MAX = 200_000n;

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Proves in SQL that what is stored is the fold of the entries: lots, wallets, holds, what was
 * refunded, what was paid for. An empty answer is the proof; at most a thousand violations are
 * told. Goes through all wallets, some at a time, or through those that are named. Ask with the
 * staff role, which reads all of them.
 */
export async function verifyLedger(db: Db, walletIds?: readonly string[]): Promise<Violation[]> {
  const found: Violation[] = [];
  const scopes = walletIds === undefined ? allWallets(db) : listsOf(walletIds);
  for await (const scope of scopes) {
    found.push(...(await verifyScope(db, scope)));
    if (found.length >= VIOLATIONS_MAX) break;
  }
  return found.slice(0, VIOLATIONS_MAX);
}

/** All rules on one snapshot, while others go on writing. */
async function verifyScope(db: Db, scope: Scope): Promise<Violation[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx: Trx) => {
      await sql`set local work_mem = '64MB'; set local jit = off`.execute(trx);
      const found: Violation[] = [];
      for (const rules of RULES) {
        const { rows } = await sql<Violation>`
          select * from (${rules(scope)}) as found
          order by wallet_id, rule, detail limit ${VIOLATIONS_MAX}`.execute(trx);
        found.push(...rows);
      }
      return found;
    });
}

/** Stretches of ids that leave none out, so that rows of wallets that do not exist are met as well. */
async function* allWallets(db: Db): AsyncGenerator<Scope> {
  for (let after = FIRST_ID; after !== LAST_ID;) {
    const { rows } = await sql<{ id: string; last_seq: bigint }>`
      select id, last_seq from wallets where id > ${after} order by id limit ${WALLETS_MAX}`.execute(
      db,
    );
    const upTo = endOfStretch(rows);
    yield walletsBetween(after, upTo);
    after = upTo;
  }
}

function endOfStretch(wallets: readonly { id: string; last_seq: bigint }[]): string {
  let entries = 0n;
  for (const { id, last_seq } of wallets) {
    entries += last_seq;
    if (entries >= ENTRIES_MAX) return id;
  }
  return wallets.length < WALLETS_MAX ? LAST_ID : (wallets.at(-1)?.id ?? LAST_ID);
}

function* listsOf(walletIds: readonly string[]): Generator<Scope> {
  for (let index = 0; index < walletIds.length; index += WALLETS_MAX) {
    yield theseWallets(walletIds.slice(index, index + WALLETS_MAX));
  }
}
