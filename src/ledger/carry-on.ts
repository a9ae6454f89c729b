import type pg from 'pg';
import type { Debit } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { arrayOf, microsecondsOf } from './arrays.ts';
import { databaseCodeOf } from '../lib/database-faults.ts';
import { Books, CommandFault } from './books.ts';
import type { KnownWallet, KnownWallets } from './known-wallets.ts';
import type { Outcome } from './outcome.ts';
import { insertDetails, insertEntries, updateLots, updateUnchangedWallets } from './tables.ts';
import { goneApiKeys } from './used-keys.ts';
import { type AskedCommand, walletsOf } from './what-is-named.ts';
import { type Change, changedLots, entriesWithDetails, owned } from './write.ts';

/** Commands that were decided on wallets as they were known, and are not written yet. */
export interface Decided<One extends AskedCommand> {
  commands: readonly One[];
  wallets: readonly DecidedWallet<One>[];
  /** What was taken for the database's clock. */
  now: Instant;
}

interface DecidedWallet<One extends AskedCommand> {
  known: KnownWallet;
  answers: readonly (readonly [One, Outcome])[];
  change: Change;
}

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

/**
 * Decides what can be decided on what is known; the rest is left, each wallet's in its order. Left is
 * also a wallet with a refusal, which is looked into under the lock, and one of which more changes
 * than lots and balance.
 */
export function decideOnKnown<One extends AskedCommand>(
  known: KnownWallets,
  batch: readonly One[],
): { decided: Decided<One> | undefined; left: readonly One[] } {
  const now = known.now();
  if (now === undefined) return { decided: undefined, left: batch };
  const { taken, left } = takeKnown(known, batch, now);
  if (taken.length === 0) return { decided: undefined, left: batch };
  const states = taken.map((one) => one.known.state);
  const books = new Books(states, now);
  const answered = taken.map((one) => ({ ...one, answers: decideAll(books, one.debits) }));
  const changes = new Map(books.takeChanges().map((change) => [change.after.wallet.id, change]));
  const wallets: DecidedWallet<One>[] = [];
  for (const { known: wallet, debits, answers } of answered) {
    const change = changes.get(wallet.state.wallet.id);
    if (answers === undefined || change === undefined || change.crossings.length > 0) {
      left.push(...debits.map(([one]) => one));
    } else wallets.push({ known: wallet, answers, change });
  }
  if (wallets.length === 0) return { decided: undefined, left };
  const commands = wallets.flatMap(({ answers }) => answers.map(([one]) => one));
  return { decided: { commands, wallets, now }, left };
}

interface Taken<One> {
  known: KnownWallet;
  debits: NewDebits<One>;
}

function takeKnown<One extends AskedCommand>(
  known: KnownWallets,
  batch: readonly One[],
  now: Instant,
): { taken: Taken<One>[]; left: One[] } {
  const taken: Taken<One>[] = [];
  const left: One[] = [];
  for (const [id, commands] of Map.groupBy(batch, ({ command }) => walletsOf(command)[0] ?? '')) {
    const debits = newDebits(known, commands);
    const wallet = debits === undefined ? undefined : known.find(id, now);
    if (debits === undefined || wallet === undefined) left.push(...commands);
    else taken.push({ known: wallet, debits });
  }
  return { taken, left };
}

type NewDebits<One> = readonly (readonly [One, Debit])[];

/** All commands of a wallet, where all are debits with keys that are new; undefined where one is not. */
function newDebits<One extends AskedCommand>(
  wallets: KnownWallets,
  commands: readonly One[],
): NewDebits<One> | undefined {
  const debits = commands.flatMap((one) => {
    const debit = wallets.newDebit(one);
    return debit === undefined ? [] : [[one, debit] as const];
  });
  return debits.length === commands.length ? debits : undefined;
}

function decideAll<One extends AskedCommand>(
  books: Books,
  debits: NewDebits<One>,
): DecidedWallet<One>['answers'] | undefined {
  try {
    const answers = debits.map(([one, debit]) => [one, books.run(debit)] as const);
    return answers.some(([, { outcome }]) => outcome === 'refused') ? undefined : answers;
  } catch (error) {
    if (error instanceof CommandFault) return undefined;
    throw error;
  }
}

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
