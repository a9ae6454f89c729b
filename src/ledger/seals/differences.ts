import { sql } from 'kysely';
import type { Trx } from '../../lib/database.ts';
import { type WalletHour, walletHash } from './hashes.ts';

/** A wallet's hour as it is now, and what was sealed of it; one of them may be missing. */
export interface Compared {
  hour: Date;
  wallet_id: string;
  found: WalletHour | undefined;
  sealed: SealedWallet | undefined;
}

type SealedWallet = Omit<WalletHour, 'hour' | 'wallet_id' | 'digest'> & { hash: Buffer };

const NAMED_MAX = 10;

/** In words, how a wallet's hour differs from what was sealed; undefined when it does not. */
export async function differenceOf(
  trx: Trx,
  key: string,
  { found, sealed, ...of }: Compared,
): Promise<string | undefined> {
  if (found === undefined) {
    return sealed === undefined ? undefined : `${spanOf(sealed)}: missing, all of this hour`;
  }
  if (sealed === undefined)
    return `${spanOf(found)}: added, in an hour that was sealed without any`;
  const { first_seq, last_seq, entry_count, amount } = sealed;
  const figures = { first_seq, last_seq, entry_count, amount };
  if (walletHash(key, found).equals(sealed.hash)) {
    const isSame = walletHash(key, { ...found, ...figures }).equals(sealed.hash);
    return isSame ? undefined : `${spanOf(found)}: unchanged, but not so the figures of the seal`;
  }
  const moved = await seqsThatMoved(trx, of, sealed);
  const parts = [
    ...moved.missing.map((seq) => `entry ${seq} is missing`),
    ...moved.added.map((seq) => `entry ${seq} was added`),
  ].slice(0, NAMED_MAX);
  if (parts.length === 0) {
    parts.push(
      first_seq === last_seq
        ? `entry ${first_seq} was changed`
        : `one of ${spanOf(sealed)} was changed`,
    );
  }
  if (found.entry_count !== entry_count) {
    parts.push(`${found.entry_count} where ${entry_count} were sealed`);
  }
  if (found.amount !== amount) parts.push(`amounts of ${found.amount} where ${amount} were sealed`);
  return parts.join('; ');
}

function spanOf({ first_seq, last_seq }: Pick<WalletHour, 'first_seq' | 'last_seq'>): string {
  return first_seq === last_seq ? `entry ${first_seq}` : `entries ${first_seq} to ${last_seq}`;
}

/** Numbers that are not in the hour any more, and numbers that are and were not. */
async function seqsThatMoved(
  trx: Trx,
  { hour, wallet_id }: { hour: Date; wallet_id: string },
  { first_seq, last_seq }: SealedWallet,
): Promise<{ missing: bigint[]; added: bigint[] }> {
  const { rows } = await sql<{ seq: bigint; is_missing: boolean }>`
    with present as (
      select seq from entries where wallet_id = ${wallet_id}
        and recorded_at >= ${hour} and recorded_at < ${hour}::timestamptz + interval '1 hour'
    )
    (select seq, true as is_missing from generate_series(${first_seq}::int8, ${last_seq}::int8) as t(seq)
      where not exists (select from present p where p.seq = t.seq) limit ${NAMED_MAX})
    union all
    (select seq, false from present where seq not between ${first_seq} and ${last_seq}
      limit ${NAMED_MAX})
    order by seq`.execute(trx);
  const seqs = (missing: boolean) =>
    rows.filter((row) => row.is_missing === missing).map((row) => row.seq);
  return { missing: seqs(true), added: seqs(false) };
}
