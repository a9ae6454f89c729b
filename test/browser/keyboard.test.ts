import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Visit, WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { asNewCustomer } from './arrivals.ts';
import { spendMessages } from './scenes.ts';

describe.concurrent('by keyboard and after swaps', WITH_CHROMIUM, () => {
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

  async function visitAs(path: string): Promise<Visit & { ada: Customer }> {
    const visit = await openVisit(browser, program);
    return { ...visit, ada: await asNewCustomer(visit, program, path) };
  }

  test('somebody signs in, spends and buys without a mouse, and always sees where they are', async () => {
    const ada = await program.signUp();
    const { page, faults, close } = await openVisit(browser, program);
    await page.goto('/sign-in');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await tabTo(page, 'E-mail');
    await page.keyboard.type(ada.email);
    await tabTo(page, 'Password');
    await page.keyboard.type(ada.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    await tabTo(page, 'Use');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Use credits' }).waitFor();
    await tabTo(page, 'message.send');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.getByLabel('Quantity, in images').inputValue()).toBe('1');
    await tabTo(page, 'Run it');
    await page.keyboard.press('Enter');
    await page.getByText('Image: 3.00 charged.').waitFor();
    await page.locator(':focus', { hasText: 'Image: 3.00 charged.' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('See the entry');

    await tabTo(page, 'Buy');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Buy credits' }).waitFor();
    await tabTo(page, 'professional');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'Pay $80.00');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '$80.00' }).waitFor();
    await page.getByRole('button', { name: 'Pay', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your credits have arrived' }).waitFor();
    expect(await ada.available()).toBe(1_197_000_000n);
    expect(faults).toEqual([]);
    await close();
  });

  test('what a request came to takes the focus, and the page says nothing against it', async () => {
    const { page, faults, close } = await visitAs('/use');
    const quantity = page.getByLabel('Quantity, in messages');
    for (const [asked, answer] of [
      ['1', 'Message: 0.10 charged.'],
      ['ten', 'One field needs a change.'],
      ['2', 'Message: 0.20 charged.'],
    ] as const) {
      await quantity.fill(asked);
      await quantity.press('Enter');
      await page.getByText(answer).waitFor();
      await page.locator(':focus', { hasText: answer }).waitFor();
    }
    expect(faults).toEqual([]);
    await close();
  });

  test('I7: the dialog that offers credits keeps the focus inside; Escape closes it, and the work goes on', async () => {
    const { page, faults, close } = await visitAs('/use');
    await page.getByLabel('Quantity, in messages').fill('1000');
    await tabTo(page, 'Run it');
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog[open]');
    await dialog.getByText('Missing').waitFor();
    for (let step = 0; step < 6; step++) {
      await page.keyboard.press('Tab');
      expect(await page.locator('main form.cols :focus').count()).toBe(0);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.run:focus').waitFor();
    expect(await page.getByLabel('Quantity, in messages').inputValue()).toBe('1000');
    expect(faults).toEqual([]);
    await close();
  });

  test('a style that an extension put on a field is not copied into the answer', async () => {
    const { page, faults, close } = await visitAs('/use');
    await page.evaluate('document.querySelector("[name=quantity]").style.color = "red"');
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.getByText('Message: 0.10 charged.').waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test('a double click on Run is one debit, also when the answer came between the clicks', async () => {
    const { ada, page, close } = await visitAs('/use');
    const button = page.getByRole('button', { name: 'Run it' });
    await button.click();
    await page.getByText('Message: 0.10 charged.').waitFor();
    await button.hover();
    await click(page, 1);
    // The header's balance comes by a stream of its own, perhaps before the answer of the form.
    await page.locator('#run-answer').getByText('49.80', { exact: true }).waitFor();
    const nonce = page.locator('[name="nonce"]');
    const offered = await nonce.inputValue();
    await click(page, 2);
    expect(await button.isEnabled()).toBe(true);
    expect(await nonce.inputValue()).toBe(offered);
    await page.reload();
    expect(await ada.available()).toBe(49_800_000n);
    await close();
  });

  test('turning a page of the history brings the focus to its heading, and its top into view', async () => {
    const { ada, page, close } = await visitAs('');
    for (let number = 1; number <= 51; number++)
      await spendMessages(program, ada, 1, `message ${number}`);
    await page.goto(`/w/${ada.slug}/history`);
    await tabTo(page, 'Older');
    await page.keyboard.press('Enter');
    await page.getByText('The first entry is shown').waitFor();
    await page.locator(':focus', { hasText: 'Entries up to' }).waitFor();
    expect(await page.evaluate<number>('window.scrollY')).toBeLessThan(400);
    await close();
  });

  test('the account menu opens by keyboard and closes by Escape, back to where it was opened', async () => {
    const { page, close } = await visitAs('');
    await tabTo(page, 'Ada Byron');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Alerts');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(false);
    expect(await focused(page)).toContain('account menu');
    await close();
  });
});

/** One of the clicks of a double click, wherever the mouse is: browsers count them. */
async function click(page: Page, clickCount: number): Promise<void> {
  await page.mouse.down({ clickCount });
  await page.mouse.up({ clickCount });
}

/** What has the focus: its label or its text, or of a radio its value. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const one = document.activeElement;
    const text = one.type === 'radio' ? one.value : one.labels?.[0]?.innerText ?? one.innerText;
    return (text ?? '').replaceAll(/\\s+/g, ' ').trim();
  })()`);
}

/** Presses Tab until the focus is there. Each stop on the way must be seen: in view, with a ring. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate<string>(`(() => {
      const one = document.activeElement;
      if (one === document.body) return '';
      const ringed = [one, one.closest('.pick')].some(
        (each) => each && getComputedStyle(each).outlineStyle !== 'none');
      const { width, height, top, bottom } = one.getBoundingClientRect();
      const inView = width > 0 && height > 0 && bottom > 0 && top < innerHeight;
      return ringed && inView ? '' : one.outerHTML;
    })()`);
    expect(seen).toBe('');
    if ((await focused(page)).startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}
