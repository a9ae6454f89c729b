import { decimalCredits } from '../core/credits.ts';
import type { Db } from '../lib/database.ts';
import type { Cell } from '../usage/files.ts';
import { type CustomerFilter, type ListedCustomer, customerPage } from './customer-search.ts';

const PAGE = 1_000;

export const CUSTOMER_COLUMNS = [
  ...['id', 'kind', 'name', 'slug', 'external_id', 'owner', 'email', 'plan', 'stripe_customer_id'],
  ...['available', 'held', 'owed', 'level', 'created_at', 'deactivated_at'],
] as const;

/** The rows of all customers that a filter lets through, a page at a time. */
export async function* customerRows(
  staff: Db,
  filter: CustomerFilter,
): AsyncGenerator<Record<string, Cell>[]> {
  let before: string | undefined;
  do {
    const page = await customerPage(staff, { ...filter, before }, PAGE);
    yield page.customers.map(cellsOf);
    before = page.older;
  } while (before !== undefined);
}

function cellsOf(customer: ListedCustomer): Record<string, Cell> {
  const { id, kind, name, slug, external_id, owner, email, plan, level } = customer;
  return {
    ...{ id, kind, name, slug, external_id, owner, email, plan, level },
    stripe_customer_id: customer.stripe_customer_id,
    available: { number: decimalCredits(customer.available_micro) },
    held: { number: decimalCredits(customer.held_micro) },
    owed: { number: decimalCredits(customer.debt_micro) },
    created_at: customer.created_at.toISOString(),
    deactivated_at: customer.deactivated_at?.toISOString() ?? null,
  };
}
