import type { Browser, Locator, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Visit, WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';
import { spendMessages } from './scenes.ts';

const Events = z.array(z.looseObject({ id: z.string() }));

describe.concurrent.each([{ javaScript: true }, { javaScript: false }])(
  'with JavaScript: $javaScript',
  WITH_CHROMIUM,
  ({ javaScript }) => {
    let browser: Browser;
    let program: TestProgram;

    beforeAll(async () => {
      [browser, program] = await Promise.all([launchChromium(), testProgram()]);
    });
    afterAll(async () => {
      await browser.close();
      await program.stop();
    });

    test('A1: from signing up to signing out, credits come, go, run short, are bought and explained', async () => {
      const visit = await openVisit(browser, program, { javaScript });
      const { page } = visit;
      const slug = await signUp(page);
      await showsPurse(page, '50.00');

      await page.getByRole('link', { name: 'Use', exact: true }).click();
      const stays = await staysOnPage(page, () => run(page, 'Image', '2', 200));
      await page.getByText('Image: 6.00 charged.').waitFor();
      await showsPurse(page, '44.00');
      expect(stays).toBe(javaScript);

      await run(page, 'Image', '100', 402);
      await page.getByText('Not enough credits for Image.').waitFor();
      await showsPurse(page, '44.00');
      // With JavaScript a dialog lies over the work, without it the link leads to the same.
      const link = page.getByRole('main').getByRole('link', { name: 'Buy credits' });
      if (!javaScript) await link.click();
      const offer = page.locator(javaScript ? 'dialog[open]' : 'main');
      await offer.getByText('You then have 594.00.').waitFor();
      expect(await figure(offer, 'Missing')).toBe('256.00');
      await offer.getByRole('link', { name: 'All packages' }).click();
      await buyWithLateWebhook(visit, program, javaScript);
      await showsPurse(page, '1,194.00');

      await page.getByRole('link', { name: 'Go on where you were' }).click();
      expect(await page.getByLabel(/^Quantity/).inputValue()).toBe('100');
      await run(page, 'Voice call', '16', 200);
      await page.getByText('Voice call: 9.00 charged.').waitFor();
      await showsPurse(page, '1,185.00');

      await makeEntries(program, slug, 50);
      await turnPages(page, `/w/${slug}/history`);
      await explainCall(page);
      await signOut(page, slug);
      expect(visit.faults).toEqual([]);
      await visit.close();
    });
  },
);

async function signUp(page: Page): Promise<string> {
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByLabel('E-mail').fill('grace@example.com');
  await page.getByLabel('Password').fill('three short words');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return z.string().parse(new URL(page.url()).pathname.split('/')[2]);
}

/** Waits until the header shows these credits. */
async function showsPurse(page: Page, credits: string): Promise<void> {
  await page.locator('#purse').getByText(credits, { exact: true }).waitFor();
}

/** Fills in the form on /use and sends it. */
async function run(page: Page, operation: string, quantity: string, status: number): Promise<void> {
  await page.getByRole('radio', { name: operation }).check();
  await page.getByLabel(/^Quantity/).fill(quantity);
  const answers = page.waitForResponse(
    (response) => response.url().includes('/use') && response.status() !== 303,
  );
  await page.getByRole('button', { name: 'Run it' }).click();
  expect((await answers).status()).toBe(status);
}

/** Whether the document that was open before some work still is after it. */
async function staysOnPage(page: Page, work: () => Promise<void>): Promise<boolean> {
  let navigations = 0;
  const count = (request: Request): void => {
    if (request.isNavigationRequest()) navigations++;
  };
  page.on('request', count);
  await work();
  page.off('request', count);
  return navigations === 0;
}

/** The figure beside a label of a sum. */
async function figure(page: Page | Locator, label: string): Promise<string | null> {
  return page.locator('.sum > div', { hasText: label }).locator('dd').textContent();
}

/** Buys Business and comes back before Stripe has told of it: the page waits, then shows the truth. */
async function buyWithLateWebhook(
  { page }: Visit,
  program: TestProgram,
  javaScript: boolean,
): Promise<void> {
  await control(program, '/settings', { hold: true });
  await page.getByRole('radio', { name: 'Business' }).check();
  await page.getByRole('button', { name: 'Pay $80.00' }).click();
  await page.getByRole('heading', { name: '$80.00' }).waitFor();
  expect(new URL(page.url()).origin).toBe(program.stripe?.url);
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByRole('heading', { name: 'Your payment is on its way' }).waitFor();
  await showsPurse(page, '44.00');
  const stays = await staysOnPage(page, async () => {
    const events = Events.parse(await control(program, '/events'));
    await control(program, '/deliver', { events: events.map(({ id }) => id) });
    await page.getByRole('heading', { name: 'Your credits have arrived' }).waitFor();
  });
  expect(stays).toBe(javaScript);
  expect(await page.title()).toContain('Your credits have arrived');
  expect(await figure(page, 'Paid')).toBe('$80.00');
}

/** More entries than one page of the history has. */
async function makeEntries(program: TestProgram, slug: string, entries: number): Promise<void> {
  const [wallet] = await program.database.query<{ workspace_id: string; wallet_id: string }>(
    `select s.id as workspace_id, w.id as wallet_id from workspaces s
     join wallets w on w.workspace_id = s.id and w.livemode where s.slug = $1`,
    [slug],
  );
  if (wallet === undefined) throw new Error(`there is no workspace ${slug}`);
  for (let number = 1; number <= entries; number++) {
    await spendMessages(program, wallet, 1, `message ${number}`);
  }
}

async function turnPages(page: Page, history: string): Promise<void> {
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByText('The newest are shown').waitFor();
  const newest = await seen(page);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.getByText('The first entry is shown').waitFor();
  expect(page.url()).toContain(`${history}?before=`);
  const oldest = await seen(page);
  expect(oldest).toContain('nos. 1');
  await page.getByRole('link', { name: 'Newer' }).click();
  await page.getByText('The newest are shown').waitFor();
  expect(await seen(page)).toBe(newest);
  await page.goBack();
  await page.getByText('The first entry is shown').waitFor();
  expect(await seen(page)).toBe(oldest);
}

async function seen(page: Page): Promise<string> {
  return (await page.locator('#h-count').textContent()) ?? '';
}

/** Why was I charged 9.00? The entry's page has lines that add up and the credits that paid. */
async function explainCall(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Voice call' }).click();
  await page.getByRole('heading', { name: 'Voice call, 16 minutes' }).waitFor();
  const lines = page.getByRole('table', { name: 'Lines: quantity times price' });
  expect(await cells(lines)).toEqual([
    ['Call call', '1 call', '× 1.00', '1.00'],
    ['Started minute minute', '16 started minutes', '× 0.50', '8.00'],
    ['Charged', '9.00'],
  ]);
  const paid = page.getByRole('table', { name: 'Which credits paid' });
  expect((await cells(paid)).at(-1)).toEqual(['Taken', '9.00']);
  expect(await figure(page, 'Before')).toBe('1,194.00');
  expect(await figure(page, 'After')).toBe('1,185.00');
}

async function cells(table: Locator): Promise<string[][]> {
  const rows = await table.locator('tbody tr, tfoot tr').all();
  return Promise.all(
    rows.map(async (row) => {
      const texts = await row.locator('th, td').allInnerTexts();
      return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
    }),
  );
}

async function signOut(page: Page, slug: string): Promise<void> {
  await page.locator('.acct summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Create an account' }).waitFor();
  await page.goto(`/w/${slug}`);
  expect(page.url()).toContain('/sign-in?next=');
}
