import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellOfExpiring } from '../../src/alerts/expiring.ts';
import { raiseAboutPaying } from '../../src/alerts/paying.ts';
import { topUpTroubles } from '../../src/billing/top-up-troubles.ts';
import { setBudget } from '../../src/ledger/budgets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { handOnAlerts } from '../../src/webhooks/hand-on.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';
import { topUpNow, toppedUp } from '../support/top-ups.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { newWallet } from '../support/wallets.ts';
import { addedEndpoint } from '../webhooks/listening.ts';
import { LINKS, alertMails, alertsOf, handOnNews } from './alerting.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

const DAY = 86_400_000;

const told = async (workspaceId: string, kind: string) =>
  (await alertsOf(program.database, workspaceId)).filter((alert) => alert.kind === kind);

test('a lot that expires is told of 14, 3 and 1 days before, once each, and only what is left of it', async () => {
  const wallet = await newWallet(program.database);
  const now = Date.now();
  const at = (days: number): bigint => BigInt(now + days * DAY) * 1_000n;
  await program.ledger.execute(wallet.grant(10n, { source: 'promo', expires_at: at(20) }));
  await program.ledger.execute(wallet.debit(4n));
  const { ledgerJobs } = program.database.connections;
  const tell = (days: number): Promise<void> =>
    tellOfExpiring(ledgerJobs, LINKS, handOnAlerts, new Date(now + days * DAY));
  await tell(0);
  // With less than two weeks to go from the first.
  await program.ledger.execute(wallet.grant(5n, { source: 'promo', expires_at: at(10) }));
  await Promise.all([tell(6.5), tell(6.5)]);
  const lots = async () =>
    (await told(wallet.workspace_id, 'lot_expiring')).map(({ facts }) => [
      facts['lot'],
      facts['days'],
      facts['amount'],
    ]);
  expect(await lots()).toEqual([[1, 14, '6']]);
  await program.ledger.execute(wallet.debit(6n, { key: { namespace: 'test', key: 'the first' } }));
  for (const days of [7.5, 9.5, 17.5, 19.5]) await tell(days);
  // Of the second the debit took five; one is left of the first.
  expect(await lots()).toEqual([
    [1, 14, '6'],
    [1, 3, '5'],
    [1, 1, '5'],
  ]);
});

test('a budget that is used up is told of with the name of its key, once in its window', async () => {
  const wallet = await newWallet(program.database);
  await program.ledger.execute(wallet.grant(100n));
  const { id } = await addedEndpoint(program.database, wallet.workspace_id, {
    url: `https://${wallet.id}.example/`,
  });
  await inWorkspace(program.database.connections.app, wallet.workspace_id, (trx) =>
    setBudget(trx, wallet.id, { of: {}, period: 'day', limit_amount: 5n * CREDIT, hard: true }),
  );
  await program.ledger.execute(wallet.debit(5n));
  await program.ledger.execute(wallet.refund(2n, 2n * CREDIT));
  await program.ledger.execute(wallet.debit(2n));
  await handOnNews(program.database);
  expect(await told(wallet.workspace_id, 'budget_reached')).toMatchObject([
    { facts: { hard: true, limit: '5', used: '5', period: 'day', of: null } },
  ]);
  // Webhooks have an event of their own for it.
  const types = await program.database.query<{ type: string }>(
    'select distinct type from webhook_deliveries where endpoint_id = $1 order by type',
    [id],
  );
  expect(types.map(({ type }) => type)).toEqual([
    'budget.reached',
    'credits.granted',
    'credits.refunded',
  ]);
});

describe('auto top-up', () => {
  const tell = async (): Promise<void> => {
    const { ledgerJobs } = program.database.connections;
    await raiseAboutPaying(ledgerJobs, await topUpTroubles(ledgerJobs), LINKS, handOnAlerts);
  };

  test('a declined charge is told of once in the page, and by its own mail alone', async () => {
    const ada = await toppedUp(program, { card: 'pm_card_chargeCustomerFail' });
    await topUpNow(program);
    await tell();
    await tell();
    expect(await told(ada.workspace_id, 'top_up_failed')).toMatchObject([
      { facts: { stopped: false, reason: 'declined' } },
    ]);
    expect(await alertMails(program.database, ada.email)).toEqual([]);
    const list = await ada.browser.get(`/w/${ada.slug}/alerts`);
    expect(list.text).toContain('Auto top-up: the card was declined');
  });

  test('a card that expires is told of once, to owners and admins', async () => {
    const ada = await toppedUp(program);
    const member = await program.signUp('Member');
    await joined(member, ada);
    const now = new Date();
    const expires = { exp_month: now.getUTCMonth() + 1, exp_year: now.getUTCFullYear() };
    await program.database.query(
      'update stripe_customers set card = card || $2::jsonb where workspace_id = $1',
      [ada.workspace_id, JSON.stringify(expires)],
    );
    await tell();
    await tell();
    expect(await told(ada.workspace_id, 'card_expiring')).toMatchObject([
      { facts: { card: 'Visa card ending in 4242' } },
    ]);
    const [mail, ...more] = await alertMails(program.database, ada.email);
    expect(more).toEqual([]);
    expect(mail?.subject).toContain('The Visa card ending in 4242 expires soon');
    expect((await member.browser.get(`/w/${ada.slug}/alerts`)).text).toContain('No alerts yet');
  });
});

async function joined(member: Customer, { workspace_id }: Customer): Promise<void> {
  await program.database.query(
    `insert into memberships (workspace_id, person_id, role)
     select $1, id, 'member' from people where email = $2`,
    [workspace_id, member.email],
  );
}
