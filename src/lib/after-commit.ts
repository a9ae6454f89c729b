import { type DatabaseConnection, type Driver, PostgresDialect, PostgresDriver } from 'kysely';
import type pg from 'pg';
import type { ChangeNotices } from './change-notices.ts';
import type { Trx } from './database.ts';

/** What a transaction that is under way on a connection will have changed. */
const changedOn = new WeakMap<DatabaseConnection, Set<string>>();

/** Once this transaction is committed every process is told that these changed; never if it is not. */
export async function markAfterCommit(trx: Trx, ids: readonly string[]): Promise<void> {
  await trx.getExecutor().provideConnection((connection) => {
    const changed = changedOn.get(connection) ?? new Set();
    for (const id of ids) changed.add(id);
    changedOn.set(connection, changed);
    return Promise.resolve();
  });
}

/** PostgreSQL, whose transactions say what they changed when they are committed. */
export class TellingDialect extends PostgresDialect {
  private readonly pool: pg.Pool;
  private readonly notices: ChangeNotices;

  constructor(pool: pg.Pool, notices: ChangeNotices) {
    super({ pool });
    this.pool = pool;
    this.notices = notices;
  }

  override createDriver(): Driver {
    return new TellingDriver(this.pool, this.notices);
  }
}

class TellingDriver extends PostgresDriver {
  private readonly notices: ChangeNotices;

  constructor(pool: pg.Pool, notices: ChangeNotices) {
    super({ pool });
    this.notices = notices;
  }

  /** Also when nobody knows whether it was committed, since the answer was lost. */
  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.commitTransaction(connection);
    } finally {
      const changed = changedOn.get(connection);
      changedOn.delete(connection);
      if (changed !== undefined) this.notices.mark(changed);
    }
  }

  override async rollbackTransaction(
    connection: Parameters<PostgresDriver['rollbackTransaction']>[0],
  ): Promise<void> {
    changedOn.delete(connection);
    await super.rollbackTransaction(connection);
  }
}
