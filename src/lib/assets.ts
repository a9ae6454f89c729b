import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Router } from 'express';
import { notFound } from './errors.ts';
import { type Packing, pack, packingFor } from './packing.ts';

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
  'staff',
  'customers',
  'catalogue',
  'modes',
];

/**
 * What is one file for the browser. htmx begins as soon as its script has run, so its extensions have
 * to be in the same one: whichever came later would be too late on a fast line.
 */
const JOINED: Readonly<Record<string, readonly string[]>> = {
  'app.css': STYLES.map((style) => path.join('styles', `${style}.css`)),
  'htmx.js': ['htmx.min.js', 'hx-sse.min.js'],
};

/** A file as it is, and as it was packed for whoever asked. */
interface File {
  content: Buffer;
  hash: string;
  packed: Map<Packing, Buffer>;
}

const files = new Map<string, File>();
let isCached = true;

/** Whether files and their hashes are kept for the life of the process, as they are by default. */
export function configureAssets({ cache }: { cache: boolean }): void {
  isCached = cache;
  files.clear();
}

/** The URL of a file in public/, with a hash of its content, so that it can be cached for ever. */
export function asset(name: string): string {
  return `/assets/${name}?v=${fileOf(name)?.hash ?? ''}`;
}

/** A URL that carries a hash of the content may be kept for ever; others are asked for again. */
export function assetRoutes(): Router {
  const router = Router();
  router.get('/:name', (req, res) => {
    const { name } = req.params;
    const file = /^[\w-]+(?:\.[\w-]+)+$/.test(name) ? fileOf(name) : undefined;
    if (file === undefined) throw notFound();
    res
      .vary('Accept-Encoding')
      .set('Cache-Control', cacheControl(req.url))
      .type(path.extname(name));
    const packing = packingFor(req);
    if (packing === undefined) {
      res.set('ETag', `"${file.hash}"`).send(file.content);
      return;
    }
    res.set({ 'Content-Encoding': packing, ETag: `"${file.hash}-${packing}"` });
    res.send(packedAs(packing, file));
  });
  return router;
}

function cacheControl(url: string): string {
  return url.includes('?v=') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
}

function fileOf(name: string): File | undefined {
  const known = files.get(name);
  if (known !== undefined) return known;
  const content = contentOf(name);
  if (content === undefined) return undefined;
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const file = { content, hash, packed: new Map() };
  if (isCached) files.set(name, file);
  return file;
}

/** As small as can be, once: they are few, and the same for all. */
function packedAs(packing: Packing, { content, packed }: File): Buffer {
  const known = packed.get(packing) ?? pack(content, packing, 'most');
  packed.set(packing, known);
  return known;
}

function contentOf(name: string): Buffer | undefined {
  const joined = Object.hasOwn(JOINED, name) ? JOINED[name] : undefined;
  const files = (joined ?? [name]).map((file) => path.join(FOLDER, file));
  if (!files.every((file) => existsSync(file))) return undefined;
  const parts = files.map((file) => readFileSync(file));
  const [first] = parts;
  if (name.endsWith('.css')) return Buffer.from(sheetFrom(Buffer.concat(parts).toString()));
  if (joined === undefined) return first;
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
}

/** A sheet for browsers: without what only its readers need, and with pictures that can be kept for ever. */
function sheetFrom(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1')
    .replaceAll(/([{;][\w-]+): /g, '$1:')
    .replaceAll(';}', '}')
    .replaceAll(/url\(([\w-]+\.svg)\)/g, (_, picture: string) => `url(${asset(picture)})`);
}
