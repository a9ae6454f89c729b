import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { TestProgram } from './program.ts';

/** The shell without a desktop first: it draws the same pages with less than two thirds of the work. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = findChromium();

/**
 * What a describe block of browser tests is given: without a Chromium they are skipped, and say so.
 */
export const WITH_CHROMIUM = { skip: executablePath === undefined };

if (executablePath === undefined) {
  const file = expect.getState().testPath?.replace(`${process.cwd()}/`, '') ?? 'test/browser';
  process.stderr.write(
    `SKIPPED: ${file} needs Chromium and found none. Get it with \`apt-get install chromium-headless-shell\`, ` +
      'or name it in CHROME_PATH.\n',
  );
}

/** CHROME_PATH alone when it is set; else one of the system, else one that playwright installed. */
function findChromium(): string | undefined {
  const named = process.env['CHROME_PATH'];
  const places = named === undefined ? [...PLACES, chromium.executablePath()] : [named];
  return places.find((place) => existsSync(place));
}

/** One browser for a test file; each test opens a visit of its own. */
export async function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no Chromium');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A browser's window with cookies of its own, and all that went wrong in it. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Whatever the console says, scripts that fail, refused content, requests to other sites. */
  faults: string[];
  close: () => Promise<void>;
}

export interface VisitOptions {
  javaScript?: boolean;
  width?: number;
  colorScheme?: 'light' | 'dark';
  /** Origins of other servers that the pages may lead to. */
  others?: readonly string[];
}

/** Opens a window on the program, whose pages may reach it and the payment page only. */
export async function openVisit(
  browser: Browser,
  program: TestProgram,
  { javaScript = true, width = 1280, colorScheme = 'light', others = [] }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: program.url,
    javaScriptEnabled: javaScript,
    viewport: { width, height: 800 },
    colorScheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(30_000);
  const faults: string[] = [];
  const stripe = program.stripe === undefined ? [] : [program.stripe.url];
  const ours = [program.url, ...stripe, ...others];
  context.on('request', (request) => {
    const url = request.url();
    const known = url.startsWith('data:') || ours.includes(new URL(url).origin);
    if (!known) faults.push(`a request to ${url}`);
  });
  context.on('console', (message) => {
    if (!REFUSAL.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`script: ${error.error().message}`));
  return { context, faults, page: await context.newPage(), close: () => context.close() };
}

/** Chromium writes every refusal to its console: a 402 is an answer like others. */
const REFUSAL = /^Failed to load resource: the server responded with a status of [45]\d\d/;

/** Signs a visit in without its pages, for tests that are about others. */
export async function signIn(
  { context }: Visit,
  program: TestProgram,
  who: { email: string; password: string },
): Promise<void> {
  const answer = await context.request.post('/sign-in', {
    form: { email: who.email, password: who.password },
    headers: { Origin: program.url },
    maxRedirects: 0,
  });
  if (answer.status() !== 303) throw new Error(`signing in answered ${answer.status()}`);
}
