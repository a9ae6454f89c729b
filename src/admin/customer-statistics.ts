import { sql } from 'kysely';
import { instantOf } from '../core/instant.ts';
import { balanceAt } from '../ledger/past-balances.ts';
import { LAST_SEQ, type OperationTotal, byKind, totalsByOperation } from '../ledger/totals.ts';
import { type Connections, type Trx, readWorkspace } from '../lib/database.ts';
import { operationNames } from '../pricing/price-book.ts';
import { KINDS } from '../usage/entry-rows.ts';
import type { Customer, Side } from './customers.ts';

const DAYS = 28;
const DAY_MILLISECONDS = 86_400_000;

/** What moved in a wallet, in all and in the last 28 days, and what was paid: from rollups. */
export async function customerStatistics(
  { app }: Connections,
  customer: Customer,
  { wallet, livemode }: Side,
) {
  return readWorkspace(app, customer.id, async (trx) => {
    const since = new Date(Date.now() - DAYS * DAY_MILLISECONDS);
    const before = await balanceAt(trx, wallet.wallet_id, instantOf(since));
    const all = await totalsByOperation(trx, wallet.wallet_id, 0n, LAST_SEQ);
    const late = await totalsByOperation(trx, wallet.wallet_id, before?.seq ?? 0n, LAST_SEQ);
    return {
      since,
      kinds: kindsOf(all, late),
      operations: await operationsOf(trx, all, late),
      paid: livemode ? await paidBy(trx, customer.id) : [],
    };
  });
}

function kindsOf(all: readonly OperationTotal[], late: readonly OperationTotal[]) {
  const lately = new Map(byKind(late).map((total) => [total.kind, total]));
  return byKind(all).map((total) => ({
    name: KINDS[total.kind],
    ...total,
    late_entries: lately.get(total.kind)?.entries ?? 0n,
    late_amount_micro: lately.get(total.kind)?.amount_micro ?? 0n,
  }));
}

async function operationsOf(
  trx: Trx,
  all: readonly OperationTotal[],
  late: readonly OperationTotal[],
) {
  const names = await operationNames(trx);
  const lately = spentBy(late);
  return [...spentBy(all)]
    .map(([code, { charges, spent_micro }]) => ({
      name: names.get(code)?.name ?? code,
      ...{ code, charges, spent_micro },
      late_charges: lately.get(code)?.charges ?? 0n,
      late_spent_micro: lately.get(code)?.spent_micro ?? 0n,
    }))
    .sort((one, other) => Number(other.spent_micro - one.spent_micro));
}

/** What was charged for each operation, less what came back. */
function spentBy(totals: readonly OperationTotal[]) {
  const spent = new Map<string, { charges: bigint; spent_micro: bigint }>();
  for (const { kind, operation, entries, amount_micro } of totals) {
    const isCharge = kind === 'debit' || kind === 'capture';
    if (operation === '' || !(isCharge || kind === 'refund')) continue;
    const known = spent.get(operation) ?? { charges: 0n, spent_micro: 0n };
    spent.set(operation, {
      charges: known.charges + (isCharge ? entries : 0n),
      spent_micro: known.spent_micro + (isCharge ? amount_micro : -amount_micro),
    });
  }
  return spent;
}

interface Paid {
  currency: string;
  payments: bigint;
  total_minor: bigint;
  refunded_minor: bigint;
  first_at: Date;
  last_at: Date;
}

async function paidBy(trx: Trx, workspaceId: string): Promise<Paid[]> {
  const found = await sql<Paid>`
    select currency, count(*) as payments, sum(total_minor)::int8 as total_minor,
      sum(refunded_minor)::int8 as refunded_minor, min(completed_at) as first_at,
      max(completed_at) as last_at
    from payments where workspace_id = ${workspaceId} and type <> 'refund'
      and completed_at is not null
    group by currency order by currency`.execute(trx);
  return found.rows;
}
