import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { scenes } from './scenes.ts';

/** Scenes with every kind of control and sign that the pages have. */
const WITH_CONTROLS = scenes.filter(({ name }) =>
  ['sign up refused', 'dashboard low', 'history', 'use with shortage', 'buy'].includes(name),
);

describe('other ways of looking', WITH_CHROMIUM, () => {
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

  test.concurrent(
    'a payment prints as a receipt: what was paid stays, navigation and buttons go',
    async () => {
      const visit = await openVisit(browser, program, { colorScheme: 'dark' });
      const { page } = visit;
      await scenes.find(({ name }) => name === 'payment completed')?.open(visit, program);
      await page.emulateMedia({ media: 'print' });
      for (const gone of ['nav', '.btn', '#purse', '.acct', 'main a']) {
        expect(await visible(page, gone), gone).toEqual([]);
      }
      const kept = await page.locator('body').innerText();
      for (const text of ['+1,150.00', '$80.00', 'Number', 'Seller', 'Simulated payments'])
        expect(kept).toContain(text);
      expect(await page.evaluate<string>(PAPER)).toBe('rgb(255, 255, 255)');
      await keepScreenshot(page, 'print');
      await visit.close();
    },
  );

  test.concurrent.each(WITH_CONTROLS)(
    '$name: in forced colours every control has its edge',
    async (scene) => {
      const visit = await openVisit(browser, program);
      const { page } = visit;
      await scene.open(visit, program);
      await page.emulateMedia({ forcedColors: 'active' });
      const bare = await page.evaluate<string[]>(`
      [...document.querySelectorAll('.btn, .in, .pick, .alert, .voucher')]
        .filter((one) => one.checkVisibility())
        .filter((one) => {
          const { borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(one);
          return borderTopStyle === 'none' || borderTopColor === backgroundColor;
        })
        .map((one) => one.outerHTML.slice(0, 100))`);
      expect(bare.filter((html) => !html.includes('btn go'))).toEqual([]);
      const unseen = await page.evaluate<string[]>(`
      [...document.querySelectorAll('.btn.go, .icon')]
        .filter((one) => one.checkVisibility())
        .filter((one) => {
          const { color, backgroundColor, stroke } = getComputedStyle(one);
          return color === backgroundColor || stroke === getComputedStyle(document.body).backgroundColor;
        })
        .map((one) => one.outerHTML.slice(0, 100))`);
      expect(unseen).toEqual([]);
      await keepScreenshot(page, `forced-${scene.name}`);
      await visit.close();
    },
  );

  test.concurrent('a text twice as large fits the window', async () => {
    const visit = await openVisit(browser, program, { width: 640 });
    const { page } = visit;
    await scenes.find(({ name }) => name === 'buy')?.open(visit, program);
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await page.evaluate<boolean>(WIDER_THAN_WINDOW)).toBe(false);
    await visit.close();
  });
});

const PAPER = 'getComputedStyle(document.querySelector("main")).backgroundColor';
const WIDER_THAN_WINDOW =
  'document.documentElement.scrollWidth > document.documentElement.clientWidth';

/** The texts of what a reader can see of a selector. */
function visible(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll(${JSON.stringify(selector)})]
      .filter((one) => one.checkVisibility())
      .map((one) => one.innerText.trim())`);
}

async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  await mkdir('test-results', { recursive: true });
  await page.screenshot({
    path: `test-results/${name.replaceAll(/\W+/g, '-')}.png`,
    fullPage: true,
  });
}
