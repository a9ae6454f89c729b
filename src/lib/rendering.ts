import path from 'node:path';
import { Eta } from 'eta';
import type { Request, Response } from 'express';
import { asset, configureAssets } from './assets.ts';
import { pack, packingFor } from './packing.ts';
import { DEFAULT_READER, showFor, type Reader } from './formatting.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

const eta = new Eta({
  views: path.join(ROOT, 'views'),
  cache: true,
  debug: true,
  escapeFunction: escapeHtml,
});

/** One piece of an htmx answer: a view without layout, and its data. */
export interface Part {
  view: string;
  data: object;
}

/**
 * Whether compiled templates and the hashes of assets are kept for the life of the process. They
 * are unless this is called; a developer wants them read again on each request.
 */
export function configureRendering({ cache }: { cache: boolean }): void {
  eta.configure({ cache, cacheFilepaths: cache });
  configureAssets({ cache });
}

/** Whether htmx asked for a part of a page, so that the answer goes without the layout. */
export function wantsPart(req: Request): boolean {
  return req.get('HX-Request-Type') === 'partial';
}

/**
 * Answers with a page: inside the layout, or alone when htmx asked for a part. `res.locals` are
 * merged into the data, the data wins. Throws, before anything is sent, when the view prints a
 * value that is missing.
 */
export function sendPage(
  req: Request,
  res: Response,
  view: string,
  data: object,
  status = 200,
): void {
  sendHtml(res, render(res, view, { ...data, partial: wantsPart(req) }), status);
}

/** Answers htmx with several parts: the main one first, others as views that hold `<hx-partial>`. */
export function sendParts(res: Response, parts: readonly Part[], status = 200): void {
  const html = parts.map((part) => render(res, part.view, { ...part.data, partial: true }));
  sendHtml(res, html.join('\n'), status);
}

/**
 * Goes on to a page of ours: 303, or 204 with HX-Redirect for htmx, which would follow a 303
 * silently and swap the page into its target. Throws for a URL that leaves this site.
 */
export function redirect(req: Request, res: Response, url: string): void {
  if (!isLocalUrl(url)) throw new Error('a redirect must stay on this site');
  go(req, res, url);
}

/** Leaves for another site, Stripe Checkout say. Throws unless its origin is one of those allowed. */
export function redirectAway(
  req: Request,
  res: Response,
  url: string,
  allowedOrigins: readonly string[],
): void {
  const { origin } = new URL(url);
  if (!allowedOrigins.includes(origin)) throw new Error(`a redirect to ${origin} is not allowed`);
  go(req, res, url);
}

/** Whether a URL is a path on this site, as browsers read it: `//host` and `/\host` are not. */
export function isLocalUrl(url: string): boolean {
  if (!url.startsWith('/')) return false;
  const parsed = URL.parse(url, 'http://local.invalid');
  return parsed?.origin === 'http://local.invalid';
}

/** A view as text, for what is no answer to a request. */
export function renderView(view: string, data: object, reader = DEFAULT_READER): string {
  return eta.render(view, { ...data, show: showFor(reader), asset });
}

/** Who reads the answer. */
export function readerOf(res: Response): Reader {
  const locals: { reader?: Reader } = res.locals;
  return locals.reader ?? DEFAULT_READER;
}

function render(res: Response, view: string, data: object): string {
  return eta.render(view, { ...res.locals, ...data, show: showFor(readerOf(res)), asset });
}

function sendHtml(res: Response, html: string, status: number): void {
  const text = Buffer.from(html);
  const packing = text.length < PACKED_LEAST ? undefined : packingFor(res.req);
  const body = packing === undefined ? text : pack(text, packing, 'quick');
  res.vary('Accept-Encoding').vary('HX-Request-Type').status(status).type('html');
  res.set({ 'Cache-Control': 'no-store', 'Content-Length': String(body.length) });
  if (packing !== undefined) res.set('Content-Encoding', packing);
  res.end(body);
}

/** Bytes: less than these come in one packet anyway. */
const PACKED_LEAST = 1_000;

function go(req: Request, res: Response, url: string): void {
  res.set('Cache-Control', 'no-store');
  if (req.get('HX-Request') === 'true') res.set('HX-Redirect', url).status(204).end();
  else res.redirect(303, url);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Refuses what is no text, so that "null" and "[object Object]" fail a test and reach no page. */
function escapeHtml(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
    default:
      throw new TypeError(`a template printed ${value === null ? 'null' : typeof value}`);
  }
}
