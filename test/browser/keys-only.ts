import type { Page } from 'playwright-core';

/** Works a page as somebody without a mouse does: what has the focus is pressed, typed in, ticked. */
export interface KeysOnly {
  /** Presses a button by its whole name. */
  press(name: string): Promise<void>;
  /** Follows a link of the page itself by its whole name; of several the first. */
  follow(name: string): Promise<void>;
  /** Ticks a box or chooses one of several, by its name. */
  tick(name: string | RegExp): Promise<void>;
  /** Opens what is folded in. */
  unfold(words: string): Promise<void>;
  /** Replaces what stands in fields, by their labels. */
  enter(fields: Record<string, string>): Promise<void>;
  /** Waits for words. */
  reads(words: string | RegExp): Promise<void>;
}

export function keysOnly(page: Page): KeysOnly {
  const main = page.locator('main');
  return {
    press: (name) => page.getByRole('button', { name, exact: true }).press('Enter'),
    follow: (name) => main.getByRole('link', { name, exact: true }).first().press('Enter'),
    tick: (name) =>
      page.getByRole('checkbox', { name }).or(page.getByRole('radio', { name })).press('Space'),
    unfold: (words) => page.locator('summary', { hasText: words }).press('Enter'),
    enter: async (fields) => {
      for (const [label, value] of Object.entries(fields)) {
        const field = page.getByLabel(label, { exact: true });
        await field.press('ControlOrMeta+a');
        await field.pressSequentially(value);
      }
    },
    reads: (words) => main.getByText(words).first().waitFor(),
  };
}
