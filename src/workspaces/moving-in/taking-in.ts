import { sql } from 'kysely';
import { instantOf } from '../../core/instant.ts';
import { LOT_SOURCES, type LotSource } from '../../core/lots.ts';
import type { MovingForm } from '../../core/moving-in.ts';
import { within } from '../../ledger/ledger.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import { type Db, type Trx, enterWorkspace } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import { createPerson } from '../../people/people.ts';
import { createPersonalWorkspace } from '../workspaces.ts';
import type { Staged } from './staging.ts';

export interface From {
  form: MovingForm;
  system: string;
  /** Of the workspaces that are made. */
  currency: string;
}

/** They bring their credits along. */
const NO_WELCOME = { amount_micro: 0n };

/** Makes people who are new, and opens the balances that the lines say. */
export async function openBalances(trx: Trx, from: From, rows: readonly Staged[]): Promise<void> {
  for (const row of rows) {
    const workspace_id = row.workspace_id ?? (await join(trx, from, row));
    await enterWorkspace(trx, workspace_id);
    if (from.form === 'users') await keepAccount(trx, from, row, workspace_id);
    // What is not there need not be granted.
    if (row.amount > 0n) await openBalance(trx, from, row, workspace_id);
  }
}

/**
 * Makes somebody who has no password yet: a link to set one, or Google, shows that the address is
 * theirs.
 */
async function join(trx: Trx, { currency }: From, { email, name }: Staged): Promise<string> {
  if (email === undefined || name === undefined) throw new Error('a line of nobody');
  let made = '';
  await createPerson(trx, { email, name, verified: false }, async (inner, person) => {
    const workspace = await createPersonalWorkspace(inner, person, {
      currency,
      welcome: NO_WELCOME,
    });
    made = workspace.workspace_id;
  });
  return made;
}

async function keepAccount(
  trx: Trx,
  { system }: From,
  { account }: Staged,
  workspace_id: string,
): Promise<void> {
  await trx
    .insertInto('moved_in_accounts')
    .values({ system, account, workspace_id })
    .onConflict((conflict) => conflict.columns(['system', 'account']).doNothing())
    .execute();
}

async function openBalance(
  trx: Trx,
  { form, system }: From,
  row: Staged,
  workspace_id: string,
): Promise<void> {
  const wallet_id = await walletIdOf(trx, workspace_id);
  const { ref, amount, kind, description, at } = row;
  const outcome = await within(trx, [wallet_id], (wallets) =>
    wallets.run({
      kind: 'grant',
      wallet_id,
      amount_micro: amount,
      source: sourceNamed(row.source),
      expires_at: at === null ? null : instantOf(new Date(at)),
      key: { namespace: 'import', key: `${system} ${form} ${ref}` },
      asked: { actor_kind: 'system' },
      details: {
        description: `${description}, moved in from ${system}`,
        metadata: { moved_in_from: system, kind, ref },
      },
    }),
  );
  if (outcome.outcome === 'refused') {
    throw new Error(`line ${row.line} was refused by the ledger: ${outcome.refusal.code}`);
  }
  await trx
    .insertInto('moved_in_rows')
    .values({
      ...{ id: newId(), workspace_id, system, form, ref, amount, kind, description },
      ...{ at, entry_seq: outcome.seq },
    })
    .execute();
}

function sourceNamed(source: string | undefined): LotSource {
  return LOT_SOURCES.find((one) => one === source) ?? 'import';
}

/**
 * Keeps lines of history as they were. They are no entries: nothing moved here, so balances, usage
 * and proofs do not know them.
 * @param db in the ledger's role, since one statement writes for many workspaces
 */
export async function keepHistory(db: Db, from: From, rows: readonly Staged[]): Promise<void> {
  const kept = rows.map(({ workspace_id, ref, amount, kind, description, at }) => ({
    ...{ id: newId(), workspace_id, system: from.system, form: from.form },
    ...{ ref, amount: String(amount), kind, description, at, moved_in_at: new Date() },
  }));
  await sql`insert into moved_in_rows
    select * from json_populate_recordset(null::moved_in_rows, ${JSON.stringify(kept)})`.execute(
    db,
  );
}
