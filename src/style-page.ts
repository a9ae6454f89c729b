import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Router } from 'express';
import { AppError, notFound } from './lib/errors.ts';
import { showFor } from './lib/formatting.ts';
import { readerOf, sendPage } from './lib/rendering.ts';
import { sampleChart } from './usage/sample-chart.ts';

const TOKENS = path.join(import.meta.dirname, '..', 'public', 'styles', 'base.css');

/** What each colour is for; the colours themselves stand in the style sheet alone. */
const COLOURS: Readonly<Record<string, string>> = {
  desk: 'The ground of a page, its header and foot.',
  paper: 'The sheet on which everything is written.',
  wash: 'Affixes, code, and what the mouse is over.',
  ink: 'Text, and the rule above a section.',
  'ink-2': 'The second voice: hints, labels, the decimals of a hero.',
  line: 'Hairlines between rows. Decoration: nothing depends on it.',
  edge: 'The borders of controls.',
  accent: 'Banknote green: links, the one button, bars, what is healthy.',
  'accent-2': 'Green under the mouse.',
  'on-accent': 'Text on green.',
  tint: 'The chosen row, the voucher, good news.',
  warn: 'Low, or waiting for somebody.',
  'warn-tint': 'The ground of a warning.',
  bad: 'Critical, owed, refused.',
  'bad-tint': 'The ground of what went wrong.',
  past: 'The period before, and what is spent of a meter.',
};

/** What an error page is sent for, in the words that such a refusal may have. */
const ERRORS: Readonly<Record<string, AppError>> = {
  '403': new AppError(403, 'not_allowed', 'Owners and admins change the settings of a workspace.'),
  '404': notFound('page'),
  '422': new AppError(422, 'example', 'The text has a character that cannot be kept.'),
  '429': new AppError(429, 'too_many_requests', 'Too many tries. Try again in two minutes.', {
    retry_after_seconds: 120,
  }),
  '503': new AppError(503, 'busy', 'The ledger has more to do than it can at the moment.', {
    retry_after_seconds: 5,
  }),
};

/**
 * The living style page: each part of a page in each of its states, made by the views and the sheet
 * of which the pages are made, with a sentence on when to use it. Mounted at /style where Scrip is
 * tried out, and nowhere else. Under /style/errors/ it fails as asked, so that errors can be seen.
 */
export function stylePage(): Router {
  const router = Router();

  router.get('/', (_req, res) => {
    const show = showFor(readerOf(res));
    const data = {
      colours: coloursOf(readFileSync(TOKENS, 'utf8')),
      chart: sampleChart(show),
      errors: [...Object.keys(ERRORS), '500'].sort(),
    };
    sendPage(_req, res, 'style', data);
  });

  router.all('/errors/:status', (req) => {
    const { status } = req.params;
    if (status === '500') throw new Error('the style page was asked to fail');
    throw (Object.hasOwn(ERRORS, status) ? ERRORS[status] : undefined) ?? notFound();
  });

  return router;
}

/** The colours of the sheet, light and dark, with their contrast to the paper of the same light. */
function coloursOf(sheet: string) {
  const pairs = [...sheet.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, token = '', light = '', dark = '']) => ({ token, light, dark }),
  );
  const paper = pairs.find(({ token }) => token === 'paper');
  return pairs.map(({ token, light, dark }) => ({
    token,
    use: COLOURS[token] ?? '',
    light: { hex: light, contrast: contrast(light, paper?.light ?? light).toFixed(1) },
    dark: { hex: dark, contrast: contrast(dark, paper?.dark ?? dark).toFixed(1) },
  }));
}

/** As WCAG counts it: from 1, the same colour, to 21. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
