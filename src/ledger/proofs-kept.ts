import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import type { LedgerProof } from '../lib/tables/ledger-proofs.ts';
import type { Violation } from './verify/scope.ts';

/** What one proof looked at, and what it found. */
export interface FoundProof {
  scope: LedgerProof['scope'];
  started_at: Date;
  /** Undefined: all of them. */
  wallets?: readonly string[] | undefined;
  violations: readonly Violation[];
  /** Whether there may be more than it told: then nothing else is said to be gone. */
  isCut: boolean;
}

/** Writes down when it was proved and what was found; what was found before and is not there any more is gone. */
export async function keepProof(db: Db, proof: FoundProof): Promise<void> {
  const { scope, started_at, wallets, violations, isCut } = proof;
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('ledger_proofs')
      .values({ id: newId(), scope, started_at, violations: violations.length })
      .execute();
    await sql`
      insert into ledger_drifts (id, rule, wallet_id, detail)
      select * from unnest(${violations.map(() => newId())}::uuid[],
        ${violations.map(({ rule }) => rule)}::text[],
        ${violations.map(({ wallet_id }) => wallet_id)}::uuid[],
        ${violations.map(({ detail }) => detail)}::text[]) as t(id, rule, wallet_id, detail)
      where not exists (
        select from ledger_drifts d where d.gone_at is null and d.rule = t.rule
          and d.wallet_id is not distinct from t.wallet_id and d.detail = t.detail)
      on conflict do nothing`.execute(trx);
    const inScope = wallets === undefined ? sql`true` : sql`d.wallet_id = any(${wallets})`;
    const found = sql`exists (
      select from unnest(${violations.map(({ rule }) => rule)}::text[],
        ${violations.map(({ wallet_id }) => wallet_id)}::uuid[],
        ${violations.map(({ detail }) => detail)}::text[]) as t(rule, wallet_id, detail)
      where d.rule = t.rule and d.wallet_id is not distinct from t.wallet_id
        and d.detail = t.detail)`;
    await sql`update ledger_drifts d set last_seen_at = now() where gone_at is null and ${found}`.execute(
      trx,
    );
    if (isCut) return;
    await sql`update ledger_drifts d set gone_at = now()
      where gone_at is null and ${inScope} and not ${found}`.execute(trx);
  });
}

/** The last proof of all wallets and of those that had changed; undefined where there was none. */
export async function lastProofs(db: Db) {
  const rows = await db
    .selectFrom('ledger_proofs')
    .distinctOn('scope')
    .select(['scope', 'started_at', 'finished_at', 'violations'])
    .orderBy('scope')
    .orderBy('finished_at', 'desc')
    .execute();
  const of = (scope: LedgerProof['scope']) => rows.find((row) => row.scope === scope);
  return { all: of('all'), changed: of('changed') };
}

const DRIFTS_MAX = 200;

/** What does not add up as far as is known, the newest first, and how much it is in all. */
export async function openDrifts(db: Db) {
  const { rows } = await sql<{
    id: string;
    rule: string;
    wallet_id: string | null;
    workspace_id: string | null;
    workspace: string | null;
    detail: string;
    first_seen_at: Date;
    last_seen_at: Date;
    count: bigint;
  }>`
    select d.id, d.rule, d.wallet_id, w.workspace_id, s.name as workspace, d.detail,
      d.first_seen_at, d.last_seen_at, count(*) over () as count
    from ledger_drifts d left join wallets w on w.id = d.wallet_id
    left join workspaces s on s.id = w.workspace_id
    where d.gone_at is null order by d.id desc limit ${DRIFTS_MAX}`.execute(db);
  return { drifts: rows, count: rows[0]?.count ?? 0n };
}
