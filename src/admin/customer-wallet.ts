import { averageDayOf } from '../core/burn-rates.ts';
import { planOf } from '../billing/offers.ts';
import { paymentPage } from '../billing/payment-reports.ts';
import { balanceOf } from '../ledger/balances.ts';
import { budgetsOf } from '../ledger/budget-reports.ts';
import { entryPage } from '../ledger/entries.ts';
import { openHolds } from '../ledger/holds.ts';
import { alertDefaultsNow, levelAt, rateNow } from '../ledger/levels.ts';
import { lotPage } from '../ledger/lot-reports.ts';
import { type Connections, readWorkspace } from '../lib/database.ts';
import { lotTitle, rowOf, wordingForNewest } from '../usage/entry-rows.ts';
import { EVERY } from '../workspaces/member-budgets.ts';
import { notesOf } from '../workspaces/notes.ts';
import { type Customer, type Side } from './customers.ts';

const ENTRIES = 5;
const LOTS = 20;
const HOLDS = 20;
const PAYMENTS = 10;

/** What the first page of a customer shows: one wallet, and for the live one what was paid. */
export async function customerWallet(
  { app, staff }: Connections,
  customer: Customer,
  side: Side,
  lotsBefore: number | undefined,
) {
  const wallet = await readWorkspace(app, customer.id, async (trx) => {
    const balance = await balanceOf(trx, customer.id, side.livemode);
    if (balance === undefined) throw new Error(`customer ${customer.id} has no wallet`);
    const { wallet_id } = balance;
    const rate = await rateNow(trx, balance);
    const { entries } = await entryPage(trx, wallet_id, { limit: ENTRIES });
    const wording = await wordingForNewest(trx, wallet_id, ENTRIES);
    const { lots, has_older } = await lotPage(trx, wallet_id, { before: lotsBefore, limit: LOTS });
    const { current_plan } = await planOf(trx, customer.id);
    const { holds } = await openHolds(trx, wallet_id, { limit: HOLDS });
    const budgets = await budgetsOf(trx, customer.id);
    return {
      balance,
      burn_rate_micro: rate && averageDayOf(rate),
      level: levelAt(balance, rate, await alertDefaultsNow()).level,
      rows: entries.map((entry) => rowOf(entry, wording, side.base)),
      lots: lots.map((lot) => ({
        ...lot,
        title: lotTitle(lot),
        href: `${side.base}/history/${lot.entry_seq}`,
      })),
      lots_are_all: !has_older && lotsBefore === undefined,
      older_lots: has_older ? lots.at(-1)?.number : undefined,
      holds: holds.map((hold) => ({ ...hold, href: `${side.base}/history/${hold.entry_seq}` })),
      current_plan,
      budgets: budgets.filter(isOfWholeWallet).map((budget) => {
        return { ...budget, every: EVERY[budget.period] };
      }),
      notes: await notesOf(trx, customer.id),
    };
  });
  const paid = await paymentPage(staff, { workspace_id: customer.id });
  const payments = paid.payments.slice(0, PAYMENTS);
  return {
    ...{ subject: customer, side, ...wallet },
    payments,
    more_payments: paid.payments.length > PAYMENTS,
  };
}

/** Those of members, keys and operations stand with these. */
function isOfWholeWallet({ subject }: { subject: string }): boolean {
  return subject === 'wallet';
}
