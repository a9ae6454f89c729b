import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openVisit, signIn } from '../support/browser.ts';
import { testProgram } from '../support/program.ts';
test('probe', async () => {
  const browser = await launchChromium();
  const program = await testProgram();
  const visit = await openVisit(browser, program);
  const { page } = visit;
  page.on('console', async (m) => { console.log('CONSOLE', m.type(), m.text(), JSON.stringify(m.location())); });
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (e) => { const t=e.target; console.log('VIOLATION ' + e.violatedDirective + ' ' + e.sourceFile + ':' + e.lineNumber + ':' + e.columnNumber + ' sample=' + e.sample + ' target=' + (t && t.outerHTML ? t.outerHTML.slice(0,200) : t)); })`);
  const ada = await program.signUp();
  await signIn(visit, program, ada);
  await page.goto(`/w/${ada.slug}/use`);
  for (const q of ['1', '2', '1000', 'ten', '1']) {
    await page.getByLabel('Quantity').fill(q);
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.waitForTimeout(700);
    console.log('AFTER', q, await page.evaluate('document.activeElement.outerHTML.slice(0,150)'));
  }

  await page.goto(`/w/${ada.slug}/use`);
  for (const q of ['1', '2', '1000', 'ten', '1']) {
    await page.getByLabel('Quantity').fill(q);
    await page.getByLabel('Quantity').press('Enter');
    await page.waitForTimeout(700);
    console.log('AFTER', q, await page.evaluate('document.activeElement.outerHTML.slice(0,150)'));
  }
  await page.evaluate(`(() => { const b = document.createElement('div'); b.setAttribute('style', 'color:red'); document.body.append(b); })()`);
  await page.waitForTimeout(300);
  await visit.close();
  await browser.close();
  await program.stop();
});
