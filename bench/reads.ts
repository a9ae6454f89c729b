import { instantOf } from '../src/core/instant.ts';
import { type Balance, balanceOf } from '../src/ledger/balances.ts';
import { balanceAt } from '../src/ledger/past-balances.ts';
import { type Connections, type Trx, inWorkspace } from '../src/lib/database.ts';
import { DEFAULT_READER } from '../src/lib/formatting.ts';
import { type DashboardOptions, dashboardOf } from '../src/usage/dashboard.ts';
import { historyPage } from '../src/usage/history-page.ts';
import type { ShownWorkspace } from '../src/workspaces/workspaces.ts';
import { type Customer, DAYS } from './customers.ts';
import { type Summary, summaryOf } from './summary.ts';

/** What is read of a wallet: what the routes ask of the database, without rendering and HTTP. */
export type Read = 'balance' | 'balance_at' | 'history_page' | 'usage_page';
export const READS: readonly Read[] = ['balance', 'balance_at', 'history_page', 'usage_page'];

const DAY_MILLISECONDS = 86_400_000;

/** The first customer has the most entries; pages are full for them in both databases. */
const OF_LARGEST: Record<Read, number> = {
  balance: 1 / 2,
  balance_at: 1 / 2,
  history_page: 1,
  usage_page: 1,
};
const PAGE_ENTRIES = 50;
const SELLS_NOTHING: DashboardOptions = {
  catalogue: () => Promise.resolve([]),
  readSelling: () =>
    Promise.resolve({
      offers: {
        ...{ packages: [], plans: [], last_bought: undefined, purchases: 0, plan: undefined },
        auto_top_up: 'not_offered',
      },
      ...{ current_plan: undefined, top_up: undefined },
    }),
};

/** One after the other on one connection. */
export async function measureRead(
  { app }: Connections,
  read: Read,
  customers: readonly Customer[],
  seconds: number,
): Promise<Summary> {
  const latencies_ms: number[] = [];
  const until = performance.now() + seconds * 1000;
  for (let asked = performance.now(); asked < until;) {
    const isLargest = Math.random() < OF_LARGEST[read];
    const drawn = isLargest ? 0 : Math.floor(Math.random() * customers.length);
    const customer = customers[drawn];
    if (customer === undefined) throw new Error('there are no customers');
    await inWorkspace(app, customer.workspace_id, (trx) => readOnce(trx, read, customer));
    const answered = performance.now();
    latencies_ms.push(answered - asked);
    asked = answered;
  }
  return summaryOf(latencies_ms, seconds, latencies_ms.length);
}

async function readOnce(trx: Trx, read: Read, customer: Customer): Promise<unknown> {
  switch (read) {
    case 'balance':
      return balanceOf(trx, customer.workspace_id);
    case 'balance_at': {
      const past = new Date(Date.now() - Math.random() * DAYS * DAY_MILLISECONDS);
      return balanceAt(trx, customer.wallet_id, instantOf(past));
    }
    case 'history_page': {
      const beyond = Math.floor(Math.random() * (customer.entries - PAGE_ENTRIES));
      const query = { before: String(PAGE_ENTRIES + 1 + beyond) };
      const balance = await balanceOrThrow(trx, customer);
      return historyPage(trx, workspaceOf(customer), balance, { query, zone: 'UTC' });
    }
    case 'usage_page':
      return dashboardOf(trx, workspaceOf(customer), SELLS_NOTHING, {
        reader: DEFAULT_READER,
        may_manage: false,
        is_verified_owner: false,
      });
  }
}

async function balanceOrThrow(trx: Trx, { workspace_id }: Customer): Promise<Balance> {
  const balance = await balanceOf(trx, workspace_id);
  if (balance === undefined) throw new Error(`workspace ${workspace_id} has no wallet`);
  return balance;
}

function workspaceOf({ workspace_id: id, external_id }: Customer): ShownWorkspace {
  const names = { name: external_id, slug: id, base: `/c/${id}` };
  return { id, ...names, kind: 'external', currency: 'USD', time_zone: 'UTC' };
}
