import {
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  PostgresAdapter,
  PostgresDialect,
  PostgresDriver,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type pg from 'pg';
import type { Database, Trx } from './database.ts';

/** Whom the database shows a transaction's rows to: the policies of the tables ask for these. */
export type Named = 'scrip.workspace_id' | 'scrip.person_id';

/** A statement with a name is sent as one that has parameters is: only those leave together. */
const BEGIN = {
  name: 'begin_reading',
  text: 'start transaction isolation level repeatable read read only',
};
const NAME_ONESELF = { name: 'name_oneself', text: 'select set_config($1, $2, true)' };
const END = { name: 'end_reading', text: 'commit' };

/**
 * Reads, without waiting for one answer before the next thing is asked: what a page asks at once, with
 * the beginning of its transaction, leaves in one message. Statements that are asked again and again
 * are parsed and planned once for each connection.
 */
export class Reading {
  private readonly pool: pg.Pool;
  private readonly props: Omit<ConstructorParameters<typeof Transaction>[0], 'executor'>;
  private readonly compiler = new PostgresQueryCompiler();
  private readonly adapter = new PostgresAdapter();
  private readonly prepared = new PreparedStatements();

  /** @param pool whose clients are pipelines */
  constructor(pool: pg.Pool) {
    const dialect = new PostgresDialect({ pool });
    this.pool = pool;
    this.props = { config: { dialect }, dialect, driver: new PostgresDriver({ pool }) };
  }

  /**
   * Runs `work` in a transaction that can write nothing and sees one moment only. The transaction is
   * ended without waiting for it: there is nothing in it that could be lost.
   */
  async as<Result>(named: Named, id: string, work: (trx: Trx) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    // Where one of these failed, nobody is named, and the policies show nothing to nobody.
    const begun = Promise.all([
      client.query(BEGIN),
      client.query({ ...NAME_ONESELF, values: [named, id] }),
    ]);
    try {
      const [result] = await Promise.all([work(this.on(client)), begun]);
      return result;
    } finally {
      client.query(END).then(
        () => {
          client.release();
        },
        () => {
          client.release(true);
        },
      );
    }
  }

  private on(client: pg.PoolClient): Trx {
    const connection = new ReadingConnection(client, this.prepared);
    const provider: ConnectionProvider = { provideConnection: (consumer) => consumer(connection) };
    const executor = new DefaultQueryExecutor(this.compiler, this.adapter, provider);
    return new Transaction<Database>({ ...this.props, executor });
  }
}

/** Hands over each statement at once, also while others are not answered yet. */
class ReadingConnection implements DatabaseConnection {
  private readonly client: pg.PoolClient;
  private readonly prepared: PreparedStatements;

  constructor(client: pg.PoolClient, prepared: PreparedStatements) {
    this.client = client;
    this.prepared = prepared;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const name = this.prepared.nameOf(sql);
    const query = { text: sql, values: [...parameters], ...(name === undefined ? {} : { name }) };
    const { rows } = await this.client.query<Row & pg.QueryResultRow>(query);
    return { rows };
  }

  streamQuery(): never {
    throw new Error('what is read at once is not streamed');
  }
}

/** So often a statement is asked before it is prepared. */
const USES_LEAST = 5;
/** Each takes some of the database's memory for each connection. */
const PREPARED_MOST = 100;
const CANDIDATES_MOST = 500;

/** Which statements are asked again and again, and their names. */
class PreparedStatements {
  private readonly names = new Map<string, string>();
  private readonly uses = new Map<string, number>();

  nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= PREPARED_MOST) return known;
    const uses = (this.uses.get(text) ?? 0) + 1;
    if (uses < USES_LEAST) {
      if (this.uses.size >= CANDIDATES_MOST) this.uses.clear();
      this.uses.set(text, uses);
      return undefined;
    }
    this.uses.delete(text);
    const name = `read_${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }
}
