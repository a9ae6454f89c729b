import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey, send } from '../support/api.ts';
import { WITH_CHROMIUM, launchChromium, openVisit, signIn } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { staffMember } from '../support/staff.ts';

describe(
  'somebody writes: "Yesterday I was charged 5.50 for a call that failed."',
  WITH_CHROMIUM,
  () => {
    let browser: Browser;
    let program: TestProgram;
    beforeAll(async () => {
      [browser, program] = await Promise.all([launchChromium(), testProgram()]);
    });
    afterAll(async () => {
      await browser.close();
      await program.stop();
    });

    test('support finds the charge by the address of the mail and gives it back with less than 12 clicks', async () => {
      const ada = await program.signUp('Ada Byron');
      const key = await newKey(program, { workspace_id: ada.workspace_id });
      const debit = (operation: string, quantity: string) =>
        send(program, key, '/debits', { operation, quantity }).expect(201);
      await debit('message.send', '55');
      await debit('image.generate', '1');
      const support = await staffMember(program, 'support');

      const visit = await openVisit(browser, program);
      const { page, faults } = visit;
      let clicks = 0;
      const click = async (what: Locator): Promise<void> => {
        clicks += 1;
        await what.click();
      };
      const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true });
      const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
      const reads = (words: string | RegExp) => page.getByText(words).first().waitFor();

      await page.goto('/admin');
      await page.getByLabel('E-mail').fill(support.email);
      await page.getByLabel('Password', { exact: true }).fill(support.password);
      await click(button('Sign in'));
      await page.getByLabel('Customer, by name, mail or id').fill(ada.email);
      await click(button('Find'));
      await click(link('Ada Byron'));
      await reads('−5.50');
      await click(link('Message'));
      await reads('55 messages × 0.10 = 5.50');
      await click(link('Give it back'));
      await click(page.getByLabel('The work failed'));
      await click(button('Go on'));
      await reads('Balance now');
      await reads('+5.50');
      await click(button('Give back 5.50 credits'));
      await page.getByRole('heading', { name: 'Message, 55 messages' }).waitFor();
      await click(link('Given back'));
      await reads('The work failed');
      await click(link('Ada Byron'));
      await click(link('Audit'));
      await reads('Why: The work failed');
      expect(clicks).toBeLessThan(12);
      await visit.close();

      const own = await openVisit(browser, program);
      await signIn(own, program, ada);
      await own.page.goto(`/w/${ada.slug}/history`);
      await own.page.getByRole('row', { name: /Message.*−5\.50/ }).waitFor();
      const correction = own.page.getByRole('row', { name: /Refund.*\+5\.50/ });
      await correction.getByRole('link').click();
      await own.page.getByText('The work failed').first().waitFor();
      expect([...faults, ...own.faults]).toEqual([]);
      await own.close();
    });
  },
);
