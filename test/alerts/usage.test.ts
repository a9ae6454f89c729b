import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAtUsage } from '../../src/alerts/usage.ts';
import { within } from '../../src/ledger/ledger.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { handOnAlerts } from '../../src/webhooks/hand-on.ts';
import { createApiKey } from '../../src/workspaces/api-keys.ts';
import { send } from '../support/api.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';
import { LINKS, alertMails, alertsOf } from './alerting.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Up to here all is rolled up. */
const UNTIL = new Date(Math.floor((Date.now() - HOUR) / 900_000) * 900_000);
const before = (milliseconds: number): Date => new Date(UNTIL.getTime() - milliseconds);

/** A team with one member and no history yet. */
async function team(): Promise<{ wallet: TestWallet; ada: Customer; slug: string }> {
  const ada = await program.signUp();
  const wallet = await newWallet(program.database);
  await program.database.query(
    `insert into memberships (workspace_id, person_id, role)
     select $1, id, 'owner' from people where email = $2`,
    [wallet.workspace_id, ada.email],
  );
  return { wallet, ada, slug: wallet.workspace_id };
}

type Moves = readonly (readonly [Date, bigint, string?])[];

/** Spends so much at these moments, through a key if one is named; grants where it is negative. */
async function lived(wallet: TestWallet, moves: Moves): Promise<void> {
  await inWorkspace(program.database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      for (const [at, credits, api_key_id] of moves) {
        const asked =
          api_key_id === undefined
            ? {}
            : { asked: { actor_kind: 'api_key' as const, actor_id: api_key_id, api_key_id } };
        const command = credits < 0n ? wallet.grant(-credits) : wallet.debit(credits, asked);
        const outcome = await wallets.run(command, BigInt(at.getTime()) * 1_000n);
        expect(outcome).toMatchObject({ outcome: 'done' });
      }
    }),
  );
}

async function look(wallet: TestWallet, until = UNTIL): Promise<void> {
  const { database } = program;
  const { ledgerJobs } = database.connections;
  const [row] = await database.query<{ last_seq: string }>(
    'select last_seq from wallets where id = $1',
    [wallet.id],
  );
  const upto_seq = BigInt(row?.last_seq ?? 0);
  await rollUpTo(ledgerJobs, [{ wallet_id: wallet.id, upto_seq }]);
  await database.query(`update ledger_progress set done_until = $1 where task = 'rollups'`, [
    until,
  ]);
  await database.query(`update alert_progress set done_until = $1 where task = 'usage'`, [
    new Date(until.getTime() - HOUR),
  ]);
  await lookAtUsage(ledgerJobs, LINKS, handOnAlerts, until);
}

describe('a spike', () => {
  test('names the key that causes it, which one click pauses: its next spend is refused', async () => {
    const { wallet, ada, slug } = await team();
    const { app } = program.database.connections;
    const key = await inWorkspace(app, wallet.workspace_id, (trx) =>
      createApiKey(trx, {
        ...{ name: 'web-prod', workspace_id: wallet.workspace_id, livemode: true },
        scopes: ['debits:write'],
      }),
    );
    const weekly: Moves = [21, 14, 7].map((days) => [before(days * DAY + HOUR / 2), 4n, key.id]);
    await lived(wallet, [
      [before(30 * DAY), -1_000n],
      ...weekly,
      [before(HOUR / 2), 7n],
      [before(HOUR / 4), 60n, key.id],
    ]);
    await look(wallet);
    await look(wallet);
    const spikes = await alertsOf(program.database, wallet.workspace_id);
    expect(spikes).toMatchObject([
      {
        kind: 'spike',
        facts: { spent: '67', usual: '4', api_key: key.id, api_key_spent: '60' },
      },
    ]);
    const page = `/w/${slug}/alerts/${spikes[0]?.id}`;
    const [mail] = await alertMails(program.database, ada.email);
    expect(mail?.text).toContain(page);
    expect(mail?.text).not.toContain('/pause');

    const spend = (idempotencyKey: string) =>
      send(
        program,
        key.secret,
        '/debits',
        { operation: 'message.send', quantity: '1' },
        idempotencyKey,
      );
    expect((await spend('before')).status).toBe(201);
    const alert = await ada.browser.get(page).expect(200);
    expect(alert.text).toContain('Pause the key web-prod');
    await ada.browser.post(`/w/${slug}/keys/${key.id}/pause`).expect(303);
    const refused = await spend('while');
    expect([refused.status, refused.body]).toMatchObject([
      401,
      { code: expect.stringMatching(/^key_(paused|revoked)$/) as string },
    ]);
    expect((await ada.browser.get(page)).text).toContain('its requests are refused');
    await ada.browser.post(`/w/${slug}/keys/${key.id}/resume`).expect(303);
    // What a process knows of a key is some seconds old at most; the ledger asks each time.
    await expect.poll(async () => (await spend('after')).status, { timeout: 10_000 }).toBe(201);

    await look(wallet, new Date(UNTIL.getTime() + HOUR));
    expect((await alertsOf(program.database, wallet.workspace_id)).at(-1)).toMatchObject({
      kind: 'recovered',
      facts: { of: 'spike' },
    });
  });
});

describe('credits that run out soon', () => {
  test('are told of once, with the day, and that they last again when it is clearly later', async () => {
    const { wallet } = await team();
    const days: Moves = Array.from({ length: 27 }, (_, index) => [before((27 - index) * DAY), 10n]);
    await lived(wallet, [[before(28 * DAY), -300n], ...days, [before(HOUR / 2), 1n]]);
    await look(wallet);
    await look(wallet);
    // Nobody has looked at what is available before either.
    expect(await alertsOf(program.database, wallet.workspace_id)).toMatchObject([
      { kind: 'balance_low', subject: 'low' },
      { kind: 'run_out', facts: { available: '29', days: 7, per_day: '10' } },
    ]);
    await lived(wallet, [[before(HOUR / 4), -500n]]);
    await look(wallet);
    expect((await alertsOf(program.database, wallet.workspace_id)).slice(2)).toMatchObject([
      { kind: 'recovered', facts: { of: 'run_out' } },
    ]);
  });
});
