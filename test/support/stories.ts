import type { KeyedCommand, Transfer } from '../../src/core/commands.ts';
import { type Instant, instantOf } from '../../src/core/instant.ts';
import { ONE_UNIT } from '../../src/core/price-rules.ts';
import { within } from '../../src/ledger/ledger.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { createApiKey, scopesFor } from '../../src/workspaces/api-keys.ts';
import type { TestProgram } from './program.ts';
import { CREDIT } from './wallet-states.ts';
import { type TestWallet, newWallet } from './wallets.ts';

/** A workspace whose wallet has an entry of each kind, and where they are. */
export interface Story {
  wallet: TestWallet;
  base: string;
  key_id: string;
  person_id: string;
  /** The numbers of entries by what they are. */
  seqs: Record<string, bigint>;
}

const HOUR = 3_600_000_000n;

/** When the story happens: in October 2026, in which Europe's clocks go back on the 25th. */
export const STORY_BEGINS: Instant = instantOf(new Date('2026-10-02T08:00:00Z'));

/** Writes an entry of each kind into a workspace of somebody's, some hours apart, in October 2026. */
export async function storyOf(program: TestProgram, email: string): Promise<Story> {
  const { database } = program;
  const wallet = await newWallet(database);
  const other = await newWallet(database);
  const [person] = await database.query<{ id: string }>('select id from people where email = $1', [
    email,
  ]);
  const person_id = person?.id ?? '';
  const { workspace_id } = wallet;
  await database.query(
    "insert into memberships (workspace_id, person_id, role) values ($1, $2, 'owner')",
    [workspace_id, person_id],
  );
  await database.query("update workspaces set name = 'Northlight' where id = $1", [workspace_id]);
  const { app } = database.connections;
  const call = await inWorkspace(app, workspace_id, (trx) =>
    findOperation(trx, workspace_id, 'voice.call'),
  );
  const image = await inWorkspace(app, workspace_id, (trx) =>
    findOperation(trx, workspace_id, 'image.generate'),
  );
  if (call === undefined || image === undefined) throw new Error('nothing is on sale');
  const key = await inWorkspace(app, workspace_id, (trx) =>
    createApiKey(trx, {
      name: 'web-prod',
      workspace_id,
      livemode: true,
      scopes: scopesFor(workspace_id),
    }),
  );
  const asked = { actor_kind: 'api_key', actor_id: key.id, api_key_id: key.id } as const;
  const seqs: Record<string, bigint> = {};
  const calls = { operation: call.code, rule: call.rule, asked };
  const images = { operation: image.code, rule: image.rule, asked };
  let hours = 0n;
  await inWorkspace(app, workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      const at = (): Instant => STORY_BEGINS + hours * HOUR;
      const run = async (name: string, command: KeyedCommand): Promise<bigint> => {
        hours += 8n;
        const outcome = await wallets.run(command, at());
        if (outcome.outcome !== 'done') throw new Error(`${name}: ${outcome.refusal.code}`);
        seqs[name] = outcome.seq;
        return outcome.seq;
      };
      const settle = () => wallets.run({ kind: 'expire', wallet_id: wallet.id }, at());
      await run('welcome', wallet.grant(8n, { source: 'welcome', expires_at: at() + 900n * HOUR }));
      const said = { description: 'What was left with the last provider' };
      await run('import', wallet.grant(100n, { source: 'import', details: said }));
      const hold = wallet.hold(20n, { ...calls, ttl_seconds: 36_000 });
      await run('hold', hold);
      await run('extension', wallet.extend(hold.hold_id, 72_000));
      const minutes = 16n * ONE_UNIT;
      const used = { kind: 'capture', hold_id: hold.hold_id, quantity: minutes } as const;
      await run('capture', {
        ...wallet.capture(hold.hold_id, 1n),
        ...used,
        rule: call.rule,
        asked,
      });
      seqs['release'] = (seqs['capture'] ?? 0n) + 1n;
      await run('refund', wallet.refund(seqs['capture'] ?? 0n, 4n * CREDIT));
      await run('debit', {
        ...wallet.debit(2n, images),
        asked: { ...asked, on_behalf_of: 'user-42' },
        occurred_at: at(),
        details: {
          description: 'Two covers',
          metadata: { job: 'cover-7', sizes: [512, 1024] },
          request_id: 'req-4711',
        },
      });
      await run('correction', {
        ...wallet.debit(1n, images),
        kind: 'correction',
        entry_seq: seqs['debit'] ?? 0n,
        charged: { quantity: 2n * ONE_UNIT, rule: image.rule },
        occurred_at: at(),
      });
      await run('by person', {
        ...wallet.debit(6n, images),
        asked: { actor_kind: 'person', actor_id: person_id },
      });
      await run('lapsed hold', wallet.hold(1n, { ...images, ttl_seconds: 60 }));
      hours += 8n;
      await settle();
      seqs['lapse'] = (seqs['lapsed hold'] ?? 0n) + 1n;
      const soon = at() + 9n * HOUR;
      await run('reward', wallet.grant(5n, { source: 'reward', expires_at: soon }));
      hours += 8n;
      await settle();
      seqs['expiry'] = (seqs['reward'] ?? 0n) + 1n;
      await run('adjustment', wallet.adjustment(15n));
      await run('taken away', wallet.adjustment(-2n));
      await run('clawback', wallet.clawback(2, 100n));
      await run('reinstatement', wallet.reinstatement(seqs['clawback'] ?? 0n));
      await run('clawback again', wallet.clawback(2, 100n));
      await run('bonus', wallet.grant(3n, { source: 'bonus', expires_at: null }));
      seqs['repayment'] = (seqs['bonus'] ?? 0n) + 1n;
      await run('write-off', wallet.writeOff());
      await run('promo', wallet.grant(20n, { source: 'promo', operations: ['voice.call'] }));
      await run('goodwill', wallet.adjustment(8n));
      // Of October still in Berlin, whose clocks were put back, and of November in Kolkata.
      const late = instantOf(new Date('2026-10-31T22:30:00Z'));
      const last = await wallets.run(wallet.debit(1n, images), late);
      if (last.outcome !== 'done') throw new Error(`late: ${last.refusal.code}`);
      seqs['late'] = last.seq;
    }),
  );
  // These are of now: credits go from wallet to wallet for the ledger alone.
  const now = async (name: string, command: KeyedCommand | Transfer): Promise<void> => {
    const outcome = await program.ledger.execute(command);
    if (outcome.outcome !== 'done') throw new Error(`${name}: ${outcome.refusal.code}`);
    seqs[name] = outcome.seq;
  };
  await now('more', wallet.grant(12n));
  await now('sent', wallet.transfer(other, 10n));
  await now('sent back', other.transfer(wallet, 4n));
  seqs['received'] = (seqs['sent'] ?? 0n) + 1n;
  await now('open hold', wallet.hold(2n, { ...calls, ttl_seconds: 3_600 }));
  return { wallet, base: `/w/${workspace_id}`, key_id: key.id, person_id, seqs };
}
