import type pg from 'pg';
import type { Instant } from '../core/instant.ts';
import { databaseCodeOf } from '../lib/database-faults.ts';
import { arrayOf, microsecondsOf } from './arrays.ts';
import type { Decided, DecidedWallet } from './decide-on-known.ts';
import { insertDetails, insertEntries, updateLots, updateUnchangedWallets } from './tables.ts';
import { goneApiKeys } from './used-keys.ts';
import type { AskedCommand } from './what-is-named.ts';
import { changedLots, entriesWithDetails, owned } from './write.ts';

/** How far the database's clock may be from what was taken for it. */
const CLOCK_MICROS = 1_000_000;

const NOW = microsecondsOf('clock_timestamp()');
const [OF_WALLETS, IS_WRITTEN] = [3, 't.wallet_id in (select id from moved)'];
const OF_LOTS = OF_WALLETS + updateUnchangedWallets.length;
const OF_ENTRIES = OF_LOTS + updateLots.length;
const OF_DETAILS = OF_ENTRIES + insertEntries.length;

const CARRY_ON = `
  with moved as (
    ${updateUnchangedWallets.part(
      OF_WALLETS,
      `(select abs(${NOW} - $1::int8) < ${CLOCK_MICROS} and not exists (${goneApiKeys('$2')}))`,
    )}
    returning stored.id, stored.xmin as version
  ),
  burnt as (${updateLots.part(OF_LOTS, IS_WRITTEN)}),
  entered as (${insertEntries.part(OF_ENTRIES, IS_WRITTEN)})`;
const DETAILED = `, detailed as (${insertDetails.part(OF_DETAILS, IS_WRITTEN)})`;
const WRITTEN = ` select id, version, ${NOW} as now from moved`;

/** Most debits have no details, and the table is left alone. */
const WITHOUT_DETAILS = { name: 'carry_on', text: CARRY_ON + WRITTEN };
const WITH_DETAILS = { name: 'carry_on_with_details', text: CARRY_ON + DETAILED + WRITTEN };

/** What was written of a known wallet: the version that its row has now, and the database's clock. */
export interface Written {
  id: string;
  version: string;
  now: Instant;
}

/** A connection that is kept while statements are under way on it. */
interface Line {
  client: Promise<pg.PoolClient>;
  under_way: number;
  broken: boolean;
}

/**
 * Writes what was decided on known wallets. All statements follow each other on one connection: the
 * database carries out one while the program prepares the next, and never two at once.
 */
export class Carrier {
  private readonly pool: pg.Pool;
  private line: Line | undefined;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /**
   * One statement, which is a transaction of its own. It locks the wallets in the order of their ids,
   * without having read them, and passes over each whose row is of another version by then; over all
   * when the clock is not what it was taken for, or one of the API keys has ended. Throws when an
   * idempotency key was used before.
   */
  async carryOn(decided: Decided<AskedCommand>): Promise<Written[]> {
    const statement = statementOf(decided);
    const line = (this.line ??= { client: this.pool.connect(), under_way: 0, broken: false });
    line.under_way += 1;
    try {
      const client = await line.client;
      return (await client.query<Written>(statement)).rows;
    } catch (error) {
      // What the database itself says leaves the connection as it was.
      if (databaseCodeOf(error) === '') line.broken = true;
      throw error;
    } finally {
      line.under_way -= 1;
      if (this.line === line && (line.broken || line.under_way === 0)) this.line = undefined;
      if (line.under_way === 0) release(line);
    }
  }
}

function release({ client, broken }: Line): void {
  client.then(
    (connected) => {
      connected.release(broken);
    },
    () => undefined,
  );
}

function statementOf({ wallets: decided, now }: Decided<AskedCommand>): pg.QueryConfig {
  const sorted = [...decided].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const changes = sorted.map(({ change }) => change);
  const wallets = sorted.map(({ change, known: { version, state } }) => ({
    ...change.after.wallet,
    version,
    known_at: state.wallet.last_at,
  }));
  const apiKeyIds = changes.flatMap(({ entries }) =>
    entries.flatMap((entry) => entry.asked.api_key_id ?? []),
  );
  const values = [
    now,
    arrayOf('uuid', [...new Set(apiKeyIds)]),
    ...updateUnchangedWallets.values(wallets),
    ...updateLots.values(owned(changes, changedLots)),
    ...insertEntries.values(owned(changes, (change) => change.entries)),
  ];
  const details = owned(changes, entriesWithDetails);
  if (details.length === 0) return { ...WITHOUT_DETAILS, values };
  return { ...WITH_DETAILS, values: [...values, ...insertDetails.values(details)] };
}

function idOf({ known }: Pick<DecidedWallet<AskedCommand>, 'known'>): string {
  return known.state.wallet.id;
}
