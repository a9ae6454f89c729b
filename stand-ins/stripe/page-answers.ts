import type { Response } from 'express';

/**
 * Sends a page whose forms lead to this server and to `targets` only: browsers check a form's
 * whole way, so the addresses to which it is redirected are named too.
 */
export function sendPage(
  response: Response,
  html: string,
  { status = 200, targets = [] }: { status?: number; targets?: readonly string[] } = {},
): void {
  const sources = new Set(["'self'", ...targets.map((url) => sourceOf(new URL(url)))]);
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${[...sources].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policy.join('; '),
    // Not no-referrer: a form would then be sent with the origin "null", and be refused.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  response.status(status).type('html').send(html);
}

/** A policy cannot name an IPv6 address; there the scheme has to do. */
function sourceOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.protocol : url.origin;
}
