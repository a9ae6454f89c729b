import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Visit, WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { asNewCustomer } from './arrivals.ts';
import { spendMessages } from './scenes.ts';

describe('when things go wrong', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;

  beforeAll(async () => {
    browser = await launchChromium();
    program = await testProgram();
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  const kinds = [{ javaScript: true }, { javaScript: false }];
  describe.concurrent.each(kinds)('with JavaScript: $javaScript', ({ javaScript }) => {
    /** Somebody new in a window of theirs, on one of their pages. */
    async function visitAs(path: string): Promise<Visit & { ada: Customer }> {
      const visit = await openVisit(browser, program, { javaScript });
      return { ...visit, ada: await asNewCustomer(visit, program, path) };
    }

    test('a double click on Run is one debit', async () => {
      const { ada, page, close } = await visitAs('/use');
      await page.getByRole('button', { name: 'Run it' }).dblclick();
      await page.getByText(/Message: 0\.10 charged|This was charged before/).waitFor();
      await showsPurse(page, '49.90');
      expect(await ada.available()).toBe(49_900_000n);
      await close();
    });

    test('back, forward and reload after a run charge nothing', async () => {
      const { ada, page, close } = await visitAs('');
      await page.getByRole('link', { name: 'Use', exact: true }).click();
      await runOnce(page);
      await page.goBack();
      await page.goForward();
      await page.getByRole('button', { name: 'Run it' }).waitFor();
      await page.reload();
      await showsPurse(page, '49.90');
      expect(await ada.available()).toBe(49_900_000n);
      await close();
    });

    test('the form that was sent, sent again after going back, is counted once', async () => {
      const { ada, context, page, close } = await visitAs('/use');
      const nonce = await page.locator('[name="nonce"]').inputValue();
      await runOnce(page);
      const again = await context.request.post(`/w/${ada.slug}/use`, {
        form: { operation: 'message.send', quantity: '1', nonce },
        headers: { Origin: program.url },
      });
      expect(await again.text()).toContain('This was charged before.');
      expect(await ada.available()).toBe(49_900_000n);
      await close();
    });

    test('a page that refused for want of credits can be reloaded, and charges nothing', async () => {
      const { ada, page, close } = await visitAs('/use');
      await page.getByLabel(/^Quantity/).fill('501');
      await page.getByRole('button', { name: 'Run it' }).click();
      await page.getByText('Not enough credits').waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Run it' }).waitFor();
      expect(await ada.available()).toBe(50_000_000n);
      await close();
    });

    test('a second tab that knows of old credits is told how many are left', async () => {
      const { ada, context, page, close } = await visitAs('/use');
      const second = await context.newPage();
      await second.goto(`/w/${ada.slug}/use`);
      await spendMessages(program, ada, 480);
      await second.getByLabel(/^Quantity/).fill('30');
      await second.getByRole('button', { name: 'Run it' }).click();
      await second.getByText('Not enough credits').waitFor();
      await showsPurse(second, '2.00');
      await runOnce(page);
      await showsPurse(page, '1.90');
      expect(await ada.available()).toBe(1_900_000n);
      await close();
    });

    test('a session that ended leads to sign-in, and from there back to the page', async () => {
      const { ada, context, page, close } = await visitAs('/use');
      await context.clearCookies();
      // The live balance leads there too, and may be sooner than the click.
      const led = page.getByRole('heading', { name: 'Sign in' }).waitFor();
      const clicked = page.getByRole('button', { name: 'Run it' }).click();
      await Promise.race([led, clicked]);
      await led;
      expect(await ada.available()).toBe(50_000_000n);
      await page.getByLabel('E-mail').fill(ada.email);
      await page.getByLabel('Password').fill(ada.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Use credits' }).waitFor();
      await close();
    });

    test('a declined card and a cancelled payment bring no credits, and another try does', async () => {
      const { ada, page, faults, close } = await visitAs('/buy');
      const pay = page.getByRole('button', { name: 'Pay $45.00' });
      await pay.dblclick();
      await page.getByRole('button', { name: 'Decline' }).click();
      await page.getByText('The card was declined.').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('You left the payment.').waitFor();
      const orders = await program.database.query(
        'select 1 from payments where workspace_id = $1',
        [ada.workspace_id],
      );
      expect(orders).toHaveLength(1);
      expect(await ada.available()).toBe(50_000_000n);
      await pay.click();
      await page.getByRole('button', { name: 'Pay', exact: true }).click();
      await page.getByRole('heading', { name: 'Your credits have arrived' }).waitFor();
      expect(await ada.available()).toBe(600_000_000n);
      expect(faults).toEqual([]);
      await close();
    });

    test('back from the payment page the order can be sent again', async () => {
      const { ada, page, close } = await visitAs('/buy');
      const pay = page.getByRole('button', { name: 'Pay $45.00' });
      await pay.click();
      await page.getByRole('heading', { name: '$45.00' }).waitFor();
      await page.goBack();
      await pay.click();
      await page.getByRole('button', { name: 'Pay', exact: true }).click();
      await page.getByRole('heading', { name: 'Your credits have arrived' }).waitFor();
      expect(await ada.available()).toBe(600_000_000n);
      await close();
    });
  });
});

async function runOnce(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run it' }).click();
  await page.getByText('Message: 0.10 charged.').waitFor();
}

/** Waits until the header shows these credits. */
async function showsPurse(page: Page, credits: string): Promise<void> {
  await page.locator('#purse').getByText(credits, { exact: true }).waitFor();
}
