import { CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { Trx } from '../lib/database.ts';

/** One statement of the write path, on whichever connection holds the transaction. */
export interface Statements {
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** The statements of the write path are few and long: each is planned once per connection. */
const names = new Map<string, string>();

export function statementsOfClient(client: pg.ClientBase): Statements {
  return {
    query: async <Row>(text: string, values: readonly unknown[]) => {
      const name = names.get(text) ?? `ledger_${names.size}`;
      names.set(text, name);
      const result = await client.query({ name, text, values: [...values] });
      return result.rows as Row[];
    },
  };
}

export function statementsOfTransaction(trx: Trx): Statements {
  return {
    query: async <Row>(text: string, values: readonly unknown[]) => {
      const result = await trx.executeQuery<Row>(CompiledQuery.raw(text, [...values]));
      return result.rows;
    },
  };
}
