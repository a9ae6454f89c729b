import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { asNewCustomer } from './arrivals.ts';

describe.concurrent.each([{ javaScript: true }, { javaScript: false }])(
  'keys of the API, with JavaScript: $javaScript',
  WITH_CHROMIUM,
  ({ javaScript }) => {
    let browser: Browser;
    let program: TestProgram;

    beforeAll(async () => {
      [browser, program] = await Promise.all([launchChromium(), testProgram({ buying: false })]);
    });
    afterAll(async () => {
      await browser.close();
      await program.stop();
    });

    test('somebody makes a key without a mouse, tries the line that is shown, and revokes it', async () => {
      const visit = await openVisit(browser, program, { javaScript });
      const { page } = visit;
      await asNewCustomer(visit, program, '/keys');
      await page.getByLabel('Name').focus();
      await page.keyboard.type('Nightly report');
      await pressTabUntil(page, 'balance:read');
      await pressTabUntil(page, 'entries:read');
      await page.keyboard.press('Space');
      await pressTabUntil(page, 'Make the key');
      await page.keyboard.press('Enter');
      await page.locator(':focus', { hasText: 'It is shown only now' }).waitFor();

      const line = await page.getByLabel('A request to try the key with').innerText();
      expect(await statusOf(line)).toBe(200);
      await page.getByRole('link', { name: 'Nightly report' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Nightly report' }).waitFor();
      expect(await page.getByRole('definition').allInnerTexts()).toContain(
        'balance:read entries:read debits:write',
      );
      await page.getByLabel('may stop working').focus();
      await page.keyboard.press('Space');
      await pressTabUntil(page, 'Revoke the key');
      await page.keyboard.press('Enter');
      await page.getByText('This key is revoked').waitFor();
      expect(await statusOf(line)).toBe(401);
      expect(visit.faults).toEqual([]);
      await visit.close();
    });
  },
);

/** Sends the request of a line for curl, which is a shell's: its URL and its one header. */
async function statusOf(line: string): Promise<number> {
  const [, url, name, value] = /^curl (\S+) \\\n +-H "(\w+): ([^"]+)"$/.exec(line) ?? [];
  if (url === undefined || name === undefined || value === undefined)
    throw new Error(`this is no request: ${line}`);
  const answer = await fetch(url, { headers: { [name]: value } });
  await answer.body?.cancel();
  return answer.status;
}

/** Until the focus is on a control with this value or this text. */
async function pressTabUntil(page: Page, what: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    const [value, text] = [await focused.getAttribute('value'), await focused.innerText()];
    if (value === what || text === what) return;
  }
  throw new Error(`Tab does not lead to ${what}`);
}
