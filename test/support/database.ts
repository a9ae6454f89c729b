import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { type Connections, connect } from '../../src/lib/database.ts';

/** What secrets in these databases are encrypted with. */
export const ENCRYPTION_KEYS: readonly string[] = ['the key that the tests encrypt with'];

export interface TestDatabase {
  /** As the owner, for what a test arranges or looks at behind the program's back. */
  url: string;
  connections: Connections;
  /** One statement as the owner. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** A database of one's own, cloned from the migrated template. */
export async function testDatabase(): Promise<TestDatabase> {
  const template = inject('templateUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: template.replace(/\/template$/, '/scrip') });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name} template template`);
  const url = template.replace(/\/template$/, `/${name}`);
  const connections = await connect({ url, poolMax: 10, onError: () => undefined });
  const owner = new pg.Pool({ connectionString: url, max: 2 });
  owner.on('error', () => undefined);
  return {
    url,
    connections,
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await owner.query<Row>(text, values)).rows,
    drop: async () => {
      await connections.close();
      await owner.end();
      await admin(`drop database ${name} with (force)`);
    },
  };
}

/** The triggers would refuse it to the owner too; somebody with the disk in hand is not asked. */
export async function tamperWith(
  { query }: Pick<TestDatabase, 'query'>,
  statements: string,
): Promise<void> {
  await query(`begin; set local session_replication_role = replica; ${statements}; commit`);
}

/** Ends a database whose tests are over. Throws when its ledger does not add up. */
export async function verifyAndDrop(database: TestDatabase): Promise<void> {
  const violations = await verifyLedger(database.connections.staff);
  await database.drop();
  if (violations.length > 0) throw new Error(JSON.stringify(violations));
}
