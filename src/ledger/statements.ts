import { CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { Trx } from '../lib/database.ts';

/**
 * The statements of one transaction. They may be asked for without waiting for the one before: they
 * are carried out in the order in which they were asked for, and once one has failed all after it do.
 */
export interface Statements {
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** The statements of the write path are few and long: each is planned once per connection. */
const names = new Map<string, string>();

/** @param client in pipeline mode: what is asked for at once leaves at once */
export function statementsOfClient(client: pg.ClientBase): Statements {
  const failure: { first?: unknown } = {};
  return {
    query: async <Row>(text: string, values: readonly unknown[]) => {
      const name = names.get(text) ?? `ledger_${names.size}`;
      names.set(text, name);
      try {
        const result = await client.query({ name, text, values: [...values] });
        return result.rows as Row[];
      } catch (error) {
        // All that follows fails because the transaction is aborted: why it is says the first.
        failure.first ??= error;
        throw failure.first;
      }
    },
  };
}

/** In the role or, where there is one user, by the setting that `connect` tells the pools apart with. */
const BECOME = `
  select case when current_setting('role') like 'scrip\\_%'
    then set_config('role', 'scrip_' || $1, true) else set_config('scrip.role', $1, true) end`;

/**
 * Each statement as the ledger, which sees the wallets of all workspaces; whatever else the
 * transaction asks, it asks as the app.
 */
export function statementsAsLedger(trx: Trx): Statements {
  const own = statementsOfTransaction(trx);
  return {
    query: async <Row>(text: string, values: readonly unknown[]) => {
      const [, rows] = await Promise.all([
        own.query(BECOME, ['ledger']),
        own.query<Row>(text, values),
        own.query(BECOME, ['app']),
      ]);
      return rows;
    },
  };
}

export function statementsOfTransaction(trx: Trx): Statements {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query: <Row>(text: string, values: readonly unknown[]) => {
      const result = last.then(() => trx.executeQuery<Row>(CompiledQuery.raw(text, [...values])));
      last = result;
      return result.then(({ rows }) => rows);
    },
  };
}
