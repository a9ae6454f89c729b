import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** axe as @axe-core/playwright brings it; its own builder would send it anew for each look. */
const ofBuilder = createRequire(import.meta.resolve('@axe-core/playwright'));
const AXE = readFileSync(ofBuilder.resolve('axe-core/axe.min.js'), 'utf8');

/** Seven to one, which who asks for more contrast is to get; not required of the pages as they are. */
const MORE_CONTRAST = ['color-contrast-enhanced'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds against a page as it stands, in its window and its colours. */
export function accessibilityFindings(page: Page): Promise<string[]> {
  return findingsOf(page, { type: 'tag', values: RULES });
}

/** Text that stands out from what is behind it by less than seven to one, as a page stands. */
export function contrastFindings(page: Page): Promise<string[]> {
  return findingsOf(page, { type: 'rule', values: MORE_CONTRAST });
}

async function findingsOf(
  page: Page,
  runOnly: { type: 'tag' | 'rule'; values: readonly string[] },
): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  return page.evaluate<string[]>(`axe
    .run(document, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)))`);
}

/**
 * What a reader loses in a narrow window, as at a zoom of 400 %: what sticks out to the right, what
 * scrolls sideways without being a named region, and what is cut off.
 */
export async function reflowFindings(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth;
    const all = [...document.body.querySelectorAll('*')];
    const out = document.documentElement.scrollWidth <= width ? [] :
      all.filter((one) => one.getBoundingClientRect().right > width + 1);
    const wide = all.filter((one) =>
      one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && one.checkVisibility() &&
      !one.matches('input, select, textarea, svg, svg *'));
    const flows = (one, ...kinds) => kinds.includes(getComputedStyle(one).overflowX);
    const sideways = wide.filter((one) => flows(one, 'auto', 'scroll') &&
      !(one.matches('[role="region"]') && one.tabIndex === 0));
    const cut = wide.filter((one) => flows(one, 'hidden', 'clip') && one.innerText.trim() !== '');
    return [['sticks out', out], ['scrolls sideways', sideways], ['is cut off', cut]].flatMap(
      ([what, ones]) => ones.map((one) => what + ': ' + one.outerHTML.slice(0, 160)));
  })()`);
}

/**
 * Goes through a page by Tab and says what somebody without a mouse could not reach, or could not
 * see while the focus is on it: each stop must be in the window, under nothing else, and ringed.
 */
export async function keyboardFindings(page: Page): Promise<string[]> {
  const stops = await page.evaluate<number>(`(() => {
    const modal = document.querySelector('dialog:modal') ?? document;
    const grouped = (one) => one.type === 'radio' && !one.checked &&
      [...document.getElementsByName(one.name)].some((other) => other.form === one.form && other !== one &&
        (other.checked || one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING));
    const left = new Set([...modal.querySelectorAll(
      'a[href], button, input, select, textarea, summary, [tabindex]')].filter((one) =>
      one.tabIndex >= 0 && one.type !== 'hidden' && !one.matches(':disabled') &&
      one.checkVisibility({ visibilityProperty: true }) && !grouped(one)));
    const walk = { left, findings: new Map() };
    window.walk = walk;
    const ringed = (one) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    };
    const onTop = (one) => {
      const [{ left, right, top, bottom }] = one.getClientRects();
      const [x, y] = [
        (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
        (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
      const hit = document.elementFromPoint(x, y);
      return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && hit !== null &&
        (one.contains(hit) || hit.contains(one) || hit.closest('label')?.control === one);
    };
    document.activeElement.blur();
    document.addEventListener('keydown', () => {
      const one = document.activeElement;
      if (one === document.body || walk.findings.has(one)) return;
      left.delete(one);
      const faults = [
        ...([one, one.closest('.pick')].some((each) => each && ringed(each)) ? [] : ['no ring']),
        ...(onTop(one) ? [] : ['not in view'])];
      walk.findings.set(one, faults);
    });
    return left.size;
  })()`);
  // The key is held down: each repetition looks at where the one before has led. Into a frame and
  // out of it the key goes step by step, and the page is drawn before the next: a frame gives the
  // focus back some time after the key.
  const hasFrames = page.frames().length > 1;
  const presses: Promise<void>[] = [];
  for (let press = 0; press < stops + 20; press++) {
    presses.push(page.keyboard.down('Tab'));
    if (!hasFrames) continue;
    await presses.at(-1);
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
  }
  await Promise.all(presses);
  await page.keyboard.up('Tab');
  return page.evaluate<string[]>(`[
    ...[...window.walk.findings].flatMap(([one, faults]) =>
      faults.map((fault) => fault + ': ' + one.outerHTML.slice(0, 160))),
    ...[...window.walk.left].map((one) => 'not reached: ' + one.outerHTML.slice(0, 160))]`);
}
