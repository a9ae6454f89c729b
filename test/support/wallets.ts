import { randomBytes } from 'node:crypto';
import type { Debit, Grant } from '../../src/core/commands.ts';
import { openWallet } from '../../src/ledger/wallets.ts';
import { enterWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import type { TestDatabase } from './database.ts';
import { aDebit, aGrant } from './wallet-states.ts';

export interface TestWallet {
  id: string;
  workspace_id: string;
  /** Commands for this wallet, each with a key of its own unless one is given. */
  grant(credits: bigint, more?: Partial<Grant>): Grant;
  debit(units: bigint, more?: Partial<Debit>): Debit;
}

/** A workspace without members and its empty live wallet. */
export async function newWallet(database: TestDatabase): Promise<TestWallet> {
  const workspace_id = newId();
  const id = await database.connections.app.transaction().execute(async (trx) => {
    await enterWorkspace(trx, workspace_id);
    await trx
      .insertInto('workspaces')
      .values({ id: workspace_id, kind: 'team', name: 'Test', slug: workspace_id })
      .execute();
    return openWallet(trx, { workspace_id, livemode: true });
  });
  const fresh = () => ({
    wallet_id: id,
    key: { namespace: 'test', key: randomBytes(8).toString('hex') },
  });
  return {
    id,
    workspace_id,
    grant: (credits, more) => aGrant(credits, { ...fresh(), ...more }),
    debit: (units, more) => aDebit(units, { ...fresh(), ...more }),
  };
}
