import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { testProgram } from '../support/program.ts';
import { aDebit, aGrant } from '../support/wallet-states.ts';
import { addedEndpoint } from '../webhooks/listening.ts';
import { alertMails, alertsOf, handOnNews } from './alerting.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

let keys = 0;
const fresh = ({ wallet_id }: Customer) => {
  keys += 1;
  return { wallet_id, key: { namespace: 'test', key: `low ${keys}` } };
};
const spend = (customer: Customer, units: bigint) =>
  program.ledger.execute(aDebit(units, fresh(customer)));
const buy = (customer: Customer, credits: bigint) =>
  program.ledger.execute(aGrant(credits, { ...fresh(customer), source: 'purchase' }));
const told = async ({ workspace_id }: Customer): Promise<string[]> =>
  (await alertsOf(program.database, workspace_id)).map(({ kind, subject }) =>
    kind === 'balance_low' ? subject : kind,
  );

/** Somebody who has bought so many credits, after the welcome. */
async function buyer(credits: bigint): Promise<Customer> {
  const customer = await program.signUp();
  await buy(customer, credits);
  await handOnNews(program.database);
  return customer;
}

describe('R6: whoever has few credits', () => {
  test('is told once in the page and by mail when a fifth of the last purchase is left', async () => {
    const ada = await buyer(100n);
    expect(await told(ada)).toEqual([]);
    // Of 150: 30 are left, of which the fifth is 20.
    await spend(ada, 120n);
    await handOnNews(program.database);
    expect(await told(ada)).toEqual([]);
    await spend(ada, 11n);
    await handOnNews(program.database);
    await spend(ada, 1n);
    await handOnNews(program.database);
    expect(await told(ada)).toEqual(['low']);
    const [mail, ...more] = await alertMails(program.database, ada.email);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ subject: 'Ada Byron: Credits are low: 19 left' });
    expect(mail?.text).toContain('less than 20 % of the 100 that came last');
    const overview = await ada.browser.get(`/w/${ada.slug}`);
    expect(overview.text).toMatch(/class="unread"[^]*1<span class="vh"> unread alert</);
    const list = await ada.browser.get(`/w/${ada.slug}/alerts`);
    expect(list.text).toContain('Credits are low: 19 left');
    expect(list.text).toContain('>New<');
    const [, href = ''] = /href="([^"]+\/alerts\/[0-9a-f-]{36})"/.exec(list.text) ?? [];
    const alert = await ada.browser.get(href).expect(200);
    expect(alert.text).toContain('Buy credits');
    expect(alert.text).not.toContain('unread alert');
    expect((await ada.browser.get(`/w/${ada.slug}`)).text).not.toContain('unread alert');
  });

  test('gets one alert and one notice that it is over for going to and fro around the mark', async () => {
    const ada = await buyer(100n);
    await spend(ada, 131n);
    for (let times = 0; times < 3; times += 1) {
      await handOnNews(program.database);
      await program.ledger.execute(aGrant(2n, { ...fresh(ada), source: 'promo' }));
      await handOnNews(program.database);
      await spend(ada, 2n);
    }
    await handOnNews(program.database);
    expect(await told(ada)).toEqual(['low']);
    await buy(ada, 100n);
    await handOnNews(program.database);
    expect(await told(ada)).toEqual(['low', 'recovered']);
    expect(await alertMails(program.database, ada.email)).toHaveLength(1);
  });

  test('hears once of thirty debits at once that cross the mark, whatever the jobs do meanwhile', async () => {
    const ada = await buyer(100n);
    const other = createLedger(program.database.connections.ledger);
    const jobs = [1, 2, 3].map(() => handOnNews(program.database));
    await Promise.all([
      ...Array.from({ length: 30 }, (_, index) =>
        (index % 2 === 0 ? program.ledger : other).execute(aDebit(5n, fresh(ada))),
      ),
      ...jobs,
    ]);
    await Promise.all([handOnNews(program.database), handOnNews(program.database)]);
    const alerts = await told(ada);
    expect([...new Set(alerts)].sort()).toEqual([...alerts].sort());
    expect(alerts).toContain('empty');
    expect(await ada.available()).toBe(0n);
  });

  test('hears only the worst of what a single debit falls through', async () => {
    const ada = await buyer(100n);
    await spend(ada, 150n);
    await handOnNews(program.database);
    expect((await told(ada)).sort()).toEqual(['critical', 'empty', 'low']);
    const mails = await alertMails(program.database, ada.email);
    expect(mails.map(({ subject }) => subject)).toEqual(['Ada Byron: Credits have run out']);
    const { text } = await ada.browser.get(`/w/${ada.slug}/alerts`);
    expect(text.match(/>New</g)).toHaveLength(1);
  });

  test('is measured by the next purchase from then on', async () => {
    const ada = await buyer(100n);
    await spend(ada, 120n);
    await handOnNews(program.database);
    expect(await told(ada)).toEqual([]);
    // 230 are there; a fifth of the last is 40, not 20.
    await buy(ada, 200n);
    await spend(ada, 191n);
    await handOnNews(program.database);
    expect(await alertsOf(program.database, ada.workspace_id)).toMatchObject([
      { subject: 'low', facts: { available: '39', threshold: '40', bought_last: '200' } },
    ]);
  });

  test('is told by webhook too, for a customer without members by webhook alone', async () => {
    const ada = await buyer(100n);
    await program.database.query('delete from memberships where workspace_id = $1', [
      ada.workspace_id,
    ]);
    const url = 'https://seller.example/';
    const { id } = await addedEndpoint(program.database, null, { url });
    await spend(ada, 131n);
    await handOnNews(program.database);
    const told = await program.database.query<{ body: string }>(
      `select body from webhook_deliveries where endpoint_id = $1 and type = 'alert.raised'`,
      [id],
    );
    expect(told.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      {
        type: 'alert.raised',
        data: { kind: 'balance_low', mark: 'low', available: '19', workspace: ada.slug },
      },
    ]);
    expect(await alertMails(program.database, ada.email)).toEqual([]);
  });
});
