import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import express, { Router } from 'express';

const FOLDER = path.join(import.meta.dirname, '..', '..', 'public');

/** What app.css consists of, in this order: one sheet for the browser, a file for each reader. */
const STYLES = [
  'base',
  'header',
  'alerts',
  'layout',
  'figures',
  'forms',
  'messages',
  'tables',
  'charts',
  'buying',
  'dialogs',
  'pages',
  'team',
  'modes',
];

const SHEET = 'app.css';
const hashes = new Map<string, string>();
let isCached = true;
let sheet: string | undefined;

/** Whether files and their hashes are kept for the life of the process, as they are by default. */
export function configureAssets({ cache }: { cache: boolean }): void {
  isCached = cache;
  hashes.clear();
  sheet = undefined;
}

/** The URL of a file in public/, with a hash of its content, so that it can be cached for ever. */
export function asset(name: string): string {
  let hash = hashes.get(name);
  if (hash === undefined) {
    const content = name === SHEET ? styleSheet() : readFileSync(path.join(FOLDER, name));
    hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    if (isCached) hashes.set(name, hash);
  }
  return `/assets/${name}?v=${hash}`;
}

/** A URL that carries a hash of the content may be kept for ever; others are asked for again. */
export function assetRoutes(): Router {
  const router = Router();
  router.get(`/${SHEET}`, (req, res) => {
    res.set('Cache-Control', cacheControl(req.url)).type('css').send(styleSheet());
  });
  router.use(
    express.static(FOLDER, {
      index: false,
      setHeaders: (res) => res.setHeader('Cache-Control', cacheControl(res.req.url)),
    }),
  );
  return router;
}

function cacheControl(url: string): string {
  return url.includes('?v=') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
}

function styleSheet(): string {
  if (sheet !== undefined) return sheet;
  const files = STYLES.map((name) => path.join(FOLDER, 'styles', `${name}.css`));
  const joined = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  if (isCached) sheet = joined;
  return joined;
}
