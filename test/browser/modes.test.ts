import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { contrastFindings } from './findings.ts';
import { type Scene, scenes } from './scenes.ts';

/** Scenes with every kind of control and sign that the pages have. */
const WITH_CONTROLS = named(
  ...['sign up refused', 'dashboard low', 'history', 'use with shortage', 'buy', 'style'],
  ...['alert settings', 'alerts unread', 'security', 'getting started', 'the API'],
);
/** Scenes with every colour that text has, and every ground that it stands on. */
const WITH_COLOURS = named(
  ...[
    'sign up refused',
    'dashboard run out',
    'alerts unread',
    'security',
    'webhook delivery',
    'style',
  ],
);

function named(...names: string[]): Scene[] {
  return names.map((name) => {
    const scene = scenes.find((one) => one.name === name);
    if (scene === undefined) throw new Error(`there is no scene ${name}`);
    return scene;
  });
}

describe('other ways of looking', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;

  beforeAll(async () => {
    browser = await launchChromium();
    program = await testProgram({ demo: true });
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

  test.concurrent('on paper there is nothing to press, on any page that people print', async () => {
    const visit = await openVisit(browser, program, { colorScheme: 'dark' });
    const { page } = visit;
    await scenes.find(({ name }) => name === 'dashboard low')?.open(visit, program);
    const home = page.url();
    await page.emulateMedia({ media: 'print' });
    for (const path of ['', '/usage', '/history', '/history/1', '/history/statement']) {
      await page.goto(home + path);
      for (const gone of ['nav', '.btn', 'form', '.unread', 'summary', '[download]', '.foot a']) {
        expect(await visible(page, gone), `${gone} of ${path}`).toEqual([]);
      }
      expect(await page.evaluate<string>(PAPER)).toBe('rgb(255, 255, 255)');
    }
    await visit.close();
  });

  test.concurrent('who asks for more contrast gets it, in light and dark', async () => {
    const visit = await openVisit(browser, program);
    const { page } = visit;
    await page.goto('/style');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, contrast: 'more' });
      const faint = await page.evaluate<string[]>(FAINT);
      expect(faint, colorScheme).toEqual([]);
    }
    await visit.close();
  });

  test.concurrent.each(WITH_COLOURS)(
    '$name: who asks for more contrast reads text of seven to one, in light and dark',
    async (scene) => {
      const visit = await openVisit(browser, program);
      const { page } = visit;
      await scene.open(visit, program);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, contrast: 'more' });
        expect(await contrastFindings(page), colorScheme).toEqual([]);
      }
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
/** Colours of text and lines that stand out from the paper by less than 7, and 3 for hairlines. */
const FAINT = `(() => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/\\d+/g).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const sample = document.body.appendChild(document.createElement('i'));
  const of = (token) => {
    sample.style.color = 'var(--' + token + ')';
    return luminance(getComputedStyle(sample).color);
  };
  const paper = of('paper');
  const least = { ink: 7, 'ink-2': 7, accent: 7, warn: 7, bad: 7, edge: 7, line: 3 };
  return Object.keys(least).filter((token) => {
    const [darker, lighter] = [paper, of(token)].sort((one, other) => one - other);
    return (lighter + 0.05) / (darker + 0.05) < least[token];
  });
})()`;
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
