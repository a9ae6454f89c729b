import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnsubscribeLinks } from '../../src/alerts/unsubscribe-links.ts';
import { handOnNews } from '../alerts/alerting.ts';
import { type Visit, WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { newCode } from '../support/promo-codes.ts';
import { asDemoPerson, asNewCustomer } from './arrivals.ts';
import { keysOnly } from './keys-only.ts';
import { spendMessages } from './scenes.ts';
import { atSpike } from './alert-scenes.ts';

const CREDIT = 1_000_000n;

describe('credits without a mouse', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;
  beforeAll(async () => {
    [browser, program] = await Promise.all([launchChromium(), testProgram({ demo: true })]);
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  const kinds = [{ javaScript: true }, { javaScript: false }];
  describe.concurrent.each(kinds)('with JavaScript: $javaScript', ({ javaScript }) => {
    const visited = (): Promise<Visit> => openVisit(browser, program, { javaScript });

    test('an amount of ones own with a promo code is bought, and a code alone is redeemed', async () => {
      const [adding, giving] = [
        await newCode(program, { kind: 'purchase', credits: 20n * CREDIT }),
        await newCode(program),
      ];
      const visit = await visited();
      const { page, faults } = visit;
      const ada = await asNewCustomer(visit, program, '/buy');
      const hands = keysOnly(page);
      await hands.tick('Another amount');
      await hands.enter({ 'Amount in US dollars': '7.00' });
      await page.getByLabel('Promo code').pressSequentially(adding);
      await hands.press('Apply');
      await hands.reads('adds 20 credits to this order');
      await page.getByLabel('Amount in US dollars').press('Enter');
      await page.getByRole('heading', { name: '$7.00' }).waitFor();
      await hands.press('Pay');
      await hands.reads('Your credits have arrived');
      expect(await ada.available()).toBe(140n * CREDIT);
      await page.goto(`/w/${ada.slug}/buy`);
      await hands.follow('Redeem a code');
      await hands.enter({ Code: giving });
      await hands.press('Redeem');
      await hands.reads('50 credits have arrived');
      expect(faults).toEqual([]);
      await visit.close();
    });

    test('a plan is begun, cancelled and kept; auto top-up is agreed to and turned off', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      await asNewCustomer(visit, program, '/plans');
      const hands = keysOnly(page);
      await hands.press('Begin Free');
      await hands.press('Cancel at the end of the period');
      await hands.press('Keep Free');
      await hands.reads('Active');
      await hands.follow('Auto top-up');
      await hands.press('Save a card, simulated');
      await hands.press('Save the card');
      await hands.press('Read what you agree to');
      await hands.press('Turn on auto top-up');
      await hands.reads('Nothing was turned on or changed.');
      await page.locator('#f-consent').press('Space');
      await hands.press('Turn on auto top-up');
      await hands.reads('Charged this month');
      await hands.press('Turn off auto top-up');
      await hands.reads('Nothing is charged by itself.');
      expect(faults).toEqual([]);
      await visit.close();
    });

    test('usage: another range and group, a file of it, and a day leads to its entries', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      await asDemoPerson(visit, program, '/usage');
      const hands = keysOnly(page);
      await hands.follow('90 days');
      await hands.reads('Spent in 90 days');
      await hands.follow('Member');
      await page.getByRole('heading', { name: 'By member' }).waitFor();
      expect(page.url()).toMatch(/range=90.*group=member|group=member.*range=90/);
      expect(await downloaded(page, 'CSV')).toMatch(/^.*member.*\n.*Demo/is);
      await hands.unfold('The same as a table');
      await page.locator('figure.chart + details tbody a').last().press('Enter');
      await page.getByRole('heading', { name: 'History' }).waitFor();
      expect(page.url()).toContain('from=');
      expect(faults).toEqual([]);
      await visit.close();
    });

    test('history: filters, older pages, an entry, a statement and the balance at a moment', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      await asDemoPerson(visit, program, '/history');
      const hands = keysOnly(page);
      await hands.follow('Older');
      await page.getByRole('link', { name: 'Newer' }).waitFor();
      await page.getByLabel('Operation').selectOption('image.generate');
      await hands.press('Filter');
      await page.waitForURL(/operation=image\.generate/);
      await hands.follow('Show all entries');
      await page.waitForURL(/\/history$/);
      await hands.follow('Voice call');
      await hands.reads('What it cost');
      await hands.follow('History');
      await hands.follow('Statements');
      await hands.press('Show');
      await hands.reads('Closing balance');
      await hands.follow('History');
      await hands.follow('Balance at a moment');
      await page.getByLabel(/^Date and time/).press('Enter');
      await hands.reads('Available');
      expect(faults).toEqual([]);
      await visit.close();
    });

    test('alerts: a mark is set, crossed, told and read; a key that causes a spike is paused', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      const ada = await asNewCustomer(visit, program, '/alerts/settings');
      const hands = keysOnly(page);
      await hands.enter({ 'A mark of your own, in credits': '45' });
      await hands.press('Keep the settings');
      await hands.reads('Alerts follow it from now on.');
      await page.getByLabel('Credits expire soon, by mail').press('Space');
      await hands.press('Keep my choices');
      await hands.reads('You hear of alerts in this way from now on.');
      expect(await page.getByLabel('Credits expire soon, by mail').isChecked()).toBe(false);
      const links = new UnsubscribeLinks(program.sessionSecrets);
      await handOnNews(program.database, links);
      await spendMessages(program, ada, 60);
      await handOnNews(program.database, links);
      await page.goto(`/w/${ada.slug}`);
      await page.getByRole('link', { name: 'unread alert' }).press('Enter');
      await page.getByRole('link', { name: /44 left/ }).press('Enter');
      await hands.reads('What happened');
      await hands.follow('Alerts');
      await page.getByRole('link', { name: 'unread alert' }).waitFor({ state: 'detached' });
      const other = await visited();
      await atSpike(other, program);
      await keysOnly(other.page).press('Pause the key web-prod');
      await other.page.getByRole('button', { name: 'Resume the key' }).waitFor();
      expect([...faults, ...other.faults]).toEqual([]);
      await visit.close();
      await other.close();
    });

    test('webhooks: an endpoint is added, tried, given a new secret, paused and removed', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      const ada = await asNewCustomer(visit, program, '/webhooks');
      const hands = keysOnly(page);
      await hands.enter({ 'Credits available': '10' });
      await hands.press('Keep the mark');
      await hands.reads('Both wallets, live and test, have this mark.');
      await hands.enter({ Address: 'http://127.0.0.1:1/hooks' });
      await hands.press('Add the endpoint');
      await hands.reads('It is shown only now');
      await hands.follow('Go on to the endpoint');
      await hands.press('Send a test event');
      await hands.reads('What was answered');
      await hands.follow('Webhooks to 127.0.0.1:1');
      await hands.unfold('Make a new secret');
      await hands.press('Make a new secret');
      await page.getByRole('heading', { name: 'The new secret' }).waitFor();
      await hands.follow('Go on to the endpoint');
      await hands.press('Pause');
      await hands.press('Resume');
      await hands.unfold('Remove the endpoint');
      await hands.press('Remove the endpoint');
      await hands.reads('No endpoints yet');
      await page.goto(`/w/${ada.slug}/activity`);
      await hands.reads('made a new secret for the webhook');
      expect(faults).toEqual([]);
      await visit.close();
    });

    test('first steps are left for later, and taken up again', async () => {
      const visit = await visited();
      const { page, faults } = visit;
      const ada = await asNewCustomer(visit, program, '/start');
      const hands = keysOnly(page);
      const leading = page.getByRole('heading', { name: 'Getting started' });
      await hands.press('Leave them for later');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(await leading.count()).toBe(0);
      await page.goto(`/w/${ada.slug}/start`);
      await hands.press('Show them on the overview again');
      await hands.reads('Leave them for later');
      await page.goto(`/w/${ada.slug}`);
      await leading.waitFor();
      expect(faults).toEqual([]);
      await visit.close();
    });
  });
});

/** What a link downloads. */
async function downloaded(page: Page, link: string): Promise<string> {
  const coming = page.waitForEvent('download');
  await keysOnly(page).follow(link);
  return readFile(await (await coming).path(), 'utf8');
}
