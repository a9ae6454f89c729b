import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITH_CHROMIUM, launchChromium, openVisit, signIn } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { aDebit } from '../support/wallet-states.ts';

/** Notes whatever happens inside the live region, as what would be read out. */
const NOTE_ANNOUNCED = `
  window.seen = [];
  const level = document.querySelector('#purse [aria-live]');
  new MutationObserver(() => seen.push(level.textContent.trim()))
    .observe(level, { childList: true, characterData: true, attributes: true, subtree: true });`;

let program: TestProgram;
let chromium: Browser;

describe('the balance in the header', WITH_CHROMIUM, () => {
  beforeAll(async () => {
    program = await testProgram();
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await program.stop();
  });

  test('A1: changes without a reload in every tab, and only a new level is announced', async () => {
    const ada = await program.signUp();
    const visit = await openVisit(chromium, program);
    await signIn(visit, program, ada);
    const other = await visit.context.newPage();
    const pages = [visit.page, other];
    for (const page of pages) {
      await page.goto(`/w/${ada.slug}/buy`);
      await page.evaluate(NOTE_ANNOUNCED);
    }
    const spend = async (credits: bigint, key: string) => {
      const one = { wallet_id: ada.wallet_id, key: { namespace: 'test', key } };
      await program.ledger.execute(aDebit(credits, one));
    };
    const announced = () => pages.map((page) => page.evaluate('[...new Set(window.seen)]'));
    await spend(3n, 'first');
    for (const page of pages) await page.getByRole('link', { name: '47.00 Healthy' }).waitFor();
    expect(await Promise.all(announced())).toEqual([[], []]);
    await spend(42n, 'second');
    for (const page of pages) await page.getByRole('link', { name: '5.00 Low' }).waitFor();
    expect(await Promise.all(announced())).toEqual([['Low'], ['Low']]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test('A1: stays what it is when the answer to a form comes after newer news', async () => {
    const ada = await program.signUp();
    const visit = await openVisit(chromium, program);
    await signIn(visit, program, ada);
    const { page } = visit;
    await page.goto(`/w/${ada.slug}/use`);
    const answered = Promise.withResolvers<undefined>();
    const mayArrive = Promise.withResolvers<undefined>();
    await page.route('**/use', async (route) => {
      const response = await route.fetch();
      answered.resolve(undefined);
      await mayArrive.promise;
      await route.fulfill({ response });
    });
    await page.getByRole('button', { name: 'Run it' }).click();
    await answered.promise;
    const one = { wallet_id: ada.wallet_id, key: { namespace: 'test', key: 'meanwhile' } };
    await program.ledger.execute(aDebit(3n, one));
    const newer = page.getByRole('link', { name: '46.90 Healthy' });
    await newer.waitFor();
    mayArrive.resolve(undefined);
    await page.getByText('Message: 0.10 charged').waitFor();
    expect(await newer.isVisible()).toBe(true);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});
