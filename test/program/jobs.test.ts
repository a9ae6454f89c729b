import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { migrations } from '../../migrations/all.ts';
import { jobsOf } from '../../src/jobs.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { proveLedger } from '../../src/ledger/proof.ts';
import { catalogueReader } from '../../src/lib/catalogue-versions.ts';
import { connect, inWorkspace } from '../../src/lib/database.ts';
import { createLog } from '../../src/lib/log.ts';
import { sendMail } from '../../src/lib/mail.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { ENCRYPTION_KEYS, tamperWith } from '../support/database.ts';
import { startMailbox } from '../support/mailbox.ts';
import { fundedWallet } from '../support/wallets.ts';
import { addedEndpoint } from '../webhooks/listening.ts';
import { emptyDatabase } from './databases.ts';

test.each(['roles', 'one_user'] as const)(
  'every job may do its work where the program is kept apart by %s',
  async (separation) => {
    const user = `jobs_${randomBytes(6).toString('hex')}`;
    const admin = await emptyDatabase();
    await admin.query(`create role ${user} login password 'secret'`);
    const empty = await emptyDatabase(undefined, separation === 'roles' ? undefined : user);
    const url = new URL(empty.url);
    if (separation === 'one_user') [url.username, url.password] = [user, 'secret'];
    await migrate({ url: url.href, migrations });
    const onError = (): void => undefined;
    const connections = await connect({ url: url.href, poolMax: 2, onError });
    expect(connections.separation).toBe(separation);
    const ledger = createLedger(connections.ledger);
    const database = { ...empty, connections };
    const wallet = await fundedWallet(database, ledger, 10n);
    const hooks = { url: 'https://127.0.0.1/' };
    for (const whose of [wallet.workspace_id, null]) await addedEndpoint(database, whose, hooks);
    await ledger.execute(wallet.debit(1n, { details: { description: 'old' } }));
    await tamperWith(
      empty,
      `update entries set at = at - interval '40 days',
         recorded_at = recorded_at - case when seq = 2 then interval '40 days' else '2 hours' end;
       update wallets set last_at = last_at - interval '40 days';
       update lots set granted_at = granted_at - interval '40 days'`,
    );
    const sealKeys = [randomBytes(32).toString('hex')];
    const log = createLog('silent');
    const mailbox = await startMailbox();
    const mail = mailbox.server;
    const { id, workspace_id } = wallet;
    const told = { kind: 'wallet.funded', subject: 'Credits', text: 'They are there.' };
    await inWorkspace(connections.app, workspace_id, (trx) =>
      sendMail(trx, { ...told, key: id, to_address: 'ada@example.com', workspace_id }),
    );
    const provider = { mode: 'off', reason: 'nothing is sold' } as const;
    const sessionSecrets = ['a secret of the sessions'];
    const settings = {
      sealKeys,
      sessionSecrets,
      encryptionKeys: ENCRYPTION_KEYS,
      retentionDays: 31,
      production: true,
      mail,
      provider,
      catalogue: catalogueReader(connections.staff),
    };
    for (const { run } of jobsOf({ connections, ledger, log, ...settings })) await run();
    expect(await proveLedger(connections, sealKeys)).toEqual([]);
    expect(
      await empty.query(
        `select forgotten_seq, last_seq, (select count(*) from entry_details) as details,
           exists (select from hour_seals) as is_sealed
         from rollup_progress where wallet_id = $1`,
        [wallet.id],
      ),
    ).toEqual([{ forgotten_seq: '2', last_seq: '2', details: '0', is_sealed: true }]);
    expect(await empty.query('select distinct type, error from webhook_deliveries')).toEqual([
      { type: 'credits.granted', error: 'The address is not one of the public internet.' },
    ]);
    expect(mailbox.delivered).toMatchObject([{ to: ['ada@example.com'] }]);
    await mailbox.close();
    await connections.close();
    await empty.drop();
    await admin.query(`drop role ${user}`);
    await admin.drop();
  },
);
