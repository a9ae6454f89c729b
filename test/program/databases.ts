import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A database without a schema, on the server that the tests share. */
export interface EmptyDatabase {
  url: string;
  /** One statement as the server's superuser. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** @param server any database of a server, as its superuser; that of the tests when left out */
export async function emptyDatabase(
  server = inject('templateUrl').replace(/\/template$/, '/scrip'),
  owner = 'scrip',
): Promise<EmptyDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await ask(server, `create database ${name} owner ${owner}`);
  const url = server.replace(/\/\w+$/, `/${name}`);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    drop: async () => {
      await pool.end();
      await ask(server, `drop database ${name} with (force)`);
    },
  };
}

/** One statement on a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
