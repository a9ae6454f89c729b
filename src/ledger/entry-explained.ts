import { sql } from 'kysely';
import type { Bucket, EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { type ReadEntry, entryBySeq, lotsNamedBy } from './entries.ts';
import type { NamedLot } from './lots.ts';

/** An entry beside another: what it is about, or what followed from it in the same command. */
export interface RelatedEntry {
  seq: bigint;
  kind: EntryKind;
  amount_micro: bigint;
}

/** All that the ledger knows of one entry. */
export interface ExplainedEntry {
  entry: ReadEntry;
  /** What went from where to where; of the wallet's debt where there is no lot. */
  moves: { lot: NamedLot | undefined; from: Bucket; to: Bucket; amount_micro: bigint }[];
  /** The charge that it gives back, the hold that it settles, the grant that it takes back. */
  parent: RelatedEntry | undefined;
  followers: RelatedEntry[];
  /** What was given back of this charge since. */
  refunded_micro: bigint;
}

/** A command writes a few entries at most: its own and what follows from it. */
const FOLLOWERS_MAX = 8;

/** Everything that explains one entry, whatever its kind; undefined when there is no such entry. */
export async function entryExplained(
  db: Db,
  walletId: string,
  seq: bigint,
): Promise<ExplainedEntry | undefined> {
  const entry = await entryBySeq(db, walletId, seq);
  if (entry === undefined) return undefined;
  const lots = await lotsNamedBy(db, walletId, [entry]);
  const { parent, followers } = await relatedTo(db, walletId, entry);
  const back = await sql<{ refunded: bigint }>`
    select coalesce(sum(refunded), 0)::int8 as refunded from refund_totals
    where wallet_id = ${walletId} and entry_seq = ${seq}`.execute(db);
  return {
    entry,
    moves: entry.legs.map(({ lot, from, to, amount }) => {
      return { lot: lots.get(lot), from, to, amount_micro: amount };
    }),
    parent,
    followers,
    refunded_micro: back.rows[0]?.refunded ?? 0n,
  };
}

export type Related = Pick<ExplainedEntry, 'parent' | 'followers'>;

/** The entry that one is about, and those that followed from it in the same command. */
export async function relatedTo(
  db: Db,
  walletId: string,
  { seq, parent_seq }: ReadEntry,
): Promise<Related> {
  const next = Array.from({ length: FOLLOWERS_MAX }, (_, index) => seq + BigInt(index + 1));
  const found = await db
    .selectFrom('entries')
    .select(['seq', 'kind', 'amount as amount_micro', 'namespace', 'key'])
    .where('wallet_id', '=', walletId)
    .where('seq', 'in', parent_seq === null ? next : [parent_seq, ...next])
    .orderBy('seq')
    .execute();
  const followers = found.filter((one) => {
    return one.seq > seq && one.namespace === 'follows' && one.key.startsWith(`${seq} `);
  });
  const related = ({ seq, kind, amount_micro }: RelatedEntry) => ({ seq, kind, amount_micro });
  const parent = found.find((one) => one.seq === parent_seq);
  return {
    parent: parent === undefined ? undefined : related(parent),
    followers: followers.map(related),
  };
}
