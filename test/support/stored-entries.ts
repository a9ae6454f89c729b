import type { Bucket } from '../../src/core/wallet.ts';
import type { NaiveEntry } from './naive/wallet.ts';
import type { TestDatabase } from './database.ts';
import type { StoredEntry } from './witness.ts';

const BUCKETS: Record<string, Bucket> = {
  w: 'outside',
  a: 'available',
  h: 'held',
  c: 'consumed',
  e: 'expired',
  r: 'removed',
  d: 'debt',
};

interface Row {
  seq: string;
  at: string;
  kind: NaiveEntry['kind'];
  amount: string;
  list_amount: string | null;
  legs: { lot: number; from: string; to: string; amount: string }[] | null;
  parent_seq: string | null;
  available_after: string;
  held_after: string;
  debt_after: string;
  namespace: string;
  key: string;
}

/** A wallet's entries as they lie in the table, by the owner and not through the program's reads. */
export async function storedEntries(
  database: TestDatabase,
  walletId: string,
): Promise<StoredEntry[]> {
  const rows = await database.query<Row>(
    `select seq, (extract(epoch from at) * 1000000)::int8 as at, kind, amount, list_amount,
       parent_seq, available_after, held_after, debt_after, namespace, key,
       (select json_agg(json_build_object('lot', lot, 'from', source, 'to', target,
          'amount', amount::text) order by position)
        from unnest(leg_lots, leg_from, leg_to, leg_amounts) with ordinality
          as t(lot, source, target, amount, position)) as legs
     from entries where wallet_id = $1 order by seq`,
    [walletId],
  );
  return rows.map(({ namespace, key, ...row }) => ({
    namespace,
    key,
    entry: {
      seq: BigInt(row.seq),
      at: BigInt(row.at),
      kind: row.kind,
      amount: BigInt(row.amount),
      list_amount: row.list_amount === null ? null : BigInt(row.list_amount),
      legs: (row.legs ?? []).map((leg) => ({
        lot: leg.lot,
        from: bucketOf(leg.from),
        to: bucketOf(leg.to),
        amount: BigInt(leg.amount),
      })),
      parent_seq: row.parent_seq === null ? null : BigInt(row.parent_seq),
      available_after: BigInt(row.available_after),
      held_after: BigInt(row.held_after),
      debt_after: BigInt(row.debt_after),
    },
  }));
}

function bucketOf(letter: string): Bucket {
  const bucket = BUCKETS[letter];
  if (bucket === undefined) throw new Error(`no bucket is called ${letter}`);
  return bucket;
}
