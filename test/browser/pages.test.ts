import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Benchmark } from '../../src/core/benchmarks.ts';
import { leadgenIndustries } from '../../src/presets/leadgen-industries.ts';
import { WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { accessibilityFindings, keyboardFindings, reflowFindings } from './findings.ts';
import { type Scene, scenes } from './scenes.ts';

/** Each width once and each colour once: contrast does not change with the width. */
const LOOKS = [
  { width: 1280, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
] as const;
const ALL_LOOKS = [
  ...LOOKS,
  { width: 1280, colorScheme: 'dark' },
  { width: 360, colorScheme: 'light' },
] as const;
/** A seller who can be paid by bank transfer too. */
const SELLER = {
  SELLER_NAME: 'Ratenblatt GmbH',
  SELLER_ADDRESS: 'Torstraße 1|10119 Berlin',
  SELLER_COUNTRY: 'DE',
  SELLER_TAX_ID: 'DE136695976',
  SELLER_EMAIL: 'billing@ratenblatt.example',
  SELLER_BANK: 'Ratenblatt GmbH|IBAN DE02 1203 0000 0000 2020 51|BIC BYLADEM1001',
};
/** Made up, as each preset would have its own. */
const BENCHMARKS: readonly Benchmark[] = [
  {
    ...{ measure: 'credits_per_charge', operation: 'image.generate', value: '7.50' },
    ...{ label: 'Credits for images at once', source: 'Survey of 212 studios, 2025' },
  },
  {
    ...{ measure: 'share_percent', operation: 'message.send', value: '12' },
    ...{ label: 'Share of messages', source: 'Survey of 212 studios, 2025' },
  },
];
/** Nobody goes there: its buttons stand on the pages. */
const GOOGLE = { GOOGLE_CLIENT_ID: 'scrip', GOOGLE_CLIENT_SECRET: 'nobody asks for it' };
const WITH_SCREENSHOTS = process.env['SCREENSHOTS'] === '1';

describe('each page', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;
  let closed: TestProgram;

  beforeAll(async () => {
    browser = await launchChromium();
    program = await testProgram({
      demo: true,
      settings: { ...SELLER, ...GOOGLE },
      preset: { benchmarks: BENCHMARKS, industries: leadgenIndustries },
    });
    closed = await testProgram({ buying: false });
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
    await closed.stop();
  });

  test.concurrent.each(scenes)('$name: everybody can use it, on every screen', async (scene) => {
    const home = scene.closed ? closed : program;
    const visit = await openVisit(browser, home);
    const { page } = visit;
    await scene.open(visit, home);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(scene.says);
    for (const look of WITH_SCREENSHOTS ? ALL_LOOKS : LOOKS) {
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await page.setViewportSize({ width: look.width, height: 800 });
      expect(await accessibilityFindings(page), `${look.width} ${look.colorScheme}`).toEqual([]);
      expect(await reflowFindings(page), `${look.width}`).toEqual([]);
      await keepScreenshot(page, scene, `${look.colorScheme}-${look.width}`);
    }
    // A window of 1280 by 1024 at a zoom of 400 %.
    await page.setViewportSize({ width: 320, height: 256 });
    expect(await reflowFindings(page), '320').toEqual([]);
    expect(await keyboardFindings(page)).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
});

/** With SCREENSHOTS=1, to be looked at: test-results/<scene>-<look>.png */
async function keepScreenshot(page: Page, { name }: Scene, look: string): Promise<void> {
  if (!WITH_SCREENSHOTS) return;
  await mkdir('test-results', { recursive: true });
  const file = `test-results/${name.replaceAll(/\W+/g, '-')}-${look}.png`;
  await page.screenshot({ path: file, fullPage: true });
}
