import type { Instant } from '../core/instant.ts';
import { arrayOf, microsecondsOf } from './arrays.ts';
import { contentHash } from './keys.ts';
import type { Answer } from './outcome.ts';
import type { Statements } from './statements.ts';

/** The first answer to a key, and whether it was given to a request with this content. */
export interface UsedKey {
  answer: Answer;
  isFor: (content: string) => boolean;
}

/** A capture is followed by a debit of the excess and a release of the rest, never by more. */
const FOLLOWERS_MAX = 2;

/** A query for those API keys of a parameter that were revoked, are paused or have expired. */
export const goneApiKeys = (parameter: string): string => `
  select asked.id from unnest(${parameter}::uuid[]) as asked(id)
  where not exists (
    select from api_keys k where k.id = asked.id and k.revoked_at is null and k.paused_at is null
      and (k.expires_at is null or k.expires_at > clock_timestamp()))`;

/** The same, and those people of the next parameter who are shut out. */
const goneApiKeysAndPeople = (keys: string, people: string): string => `
  ${goneApiKeys(keys)}
  union all select p.id from people p where p.id = any(${people}::uuid[])
    and p.deactivated_at is not null`;

/**
 * The wallet after a command is told by the last entry that followed from it. Whoever may not ask any
 * more comes along: it is a statement less for each batch.
 */
const keysAnd = (gone: string): string => `
  select ${microsecondsOf('clock_timestamp()')} as now,
    pg_current_xact_id_if_assigned()::xid as transaction_id, (
    select array_agg(gone.id::text) from (${gone}) gone
    ) as gone, used.*
  from (values (true)) as clock(ticks) left join lateral (
    select e.wallet_id, e.key_hash, e.content_hash, e.seq, e.amount as amount_micro,
      e.list_amount as list_amount_micro, ${microsecondsOf('e.at')} as at,
      coalesce(f.available_after, e.available_after) as available_after,
      coalesce(f.held_after, e.held_after) as held_after,
      coalesce(f.debt_after, e.debt_after) as debt_after
    from unnest($1::uuid[], $2::uuid[]) as asked(wallet_id, key_hash)
    join entries e on e.wallet_id = asked.wallet_id and e.key_hash = asked.key_hash
    left join lateral (
      select f.available_after, f.held_after, f.debt_after from entries f
      where f.wallet_id = e.wallet_id and f.seq between e.seq + 1 and e.seq + ${FOLLOWERS_MAX}
        and f.namespace = 'follows' and f.key like e.seq || ' %'
      order by f.seq desc limit 1
    ) f on true
  ) used on true`;

/** Most batches are asked for by API keys alone, and look for nobody else. */
const KEYS = keysAnd(goneApiKeys('$3'));
const KEYS_AND_PEOPLE = keysAnd(goneApiKeysAndPeople('$3', '$4'));

type Found = Answer & { wallet_id: string; key_hash: string; content_hash: string };

/** What is known of the keys that commands come with. */
export interface KnownKeys {
  /** The database's clock. */
  now: Instant;
  /** What the transaction is called in the rows that it writes; null while it has locked none. */
  transaction_id: string | null;
  /** The idempotency keys that were used before, by `keyName`. */
  used: readonly (readonly [name: string, first: UsedKey])[];
  /** The API keys that were revoked or have expired, and the people who are shut out. */
  gone: readonly string[];
}

/**
 * Asked under the wallets' locks, so that no other can use a key meanwhile, and waiting does not make
 * the time old.
 */
export async function readKeys(
  statements: Statements,
  asked: readonly (readonly [walletId: string, keyHash: string])[],
  { apiKeyIds, peopleIds }: { apiKeyIds: readonly string[]; peopleIds: readonly string[] },
): Promise<KnownKeys> {
  const values = [
    arrayOf(
      'uuid',
      asked.map(([walletId]) => walletId),
    ),
    arrayOf(
      'uuid',
      asked.map(([, hash]) => hash),
    ),
    arrayOf('uuid', apiKeyIds),
  ];
  if (peopleIds.length > 0) values.push(arrayOf('uuid', peopleIds));
  const rows = await statements.query<
    Pick<KnownKeys, 'now' | 'transaction_id'> & { gone: string[] | null } & (
        Found | { wallet_id: null }
      )
  >(peopleIds.length > 0 ? KEYS_AND_PEOPLE : KEYS, values);
  const [first] = rows;
  if (first === undefined) throw new Error('the database did not tell its time');
  return {
    now: first.now,
    transaction_id: first.transaction_id,
    gone: first.gone ?? [],
    used: rows.flatMap((row): [string, UsedKey][] => {
      if (row.wallet_id === null) return [];
      const { seq, amount_micro, list_amount_micro, at } = row;
      const { available_after, held_after, debt_after } = row;
      const after = { available_after, held_after, debt_after };
      const answer = { seq, amount_micro, list_amount_micro, ...after, at };
      const isFor = (content: string): boolean => contentHash(content) === row.content_hash;
      return [[keyName(row.wallet_id, row.key_hash), { answer, isFor }]];
    }),
  };
}

/** A key is unique in its wallet. */
export function keyName(walletId: string, keyHash: string): string {
  return `${walletId} ${keyHash}`;
}
