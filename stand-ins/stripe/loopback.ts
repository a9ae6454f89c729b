import type { NextFunction, Request, Response } from 'express';

/** The only address at which this server listens. */
export const LOOPBACK_ADDRESS = '127.0.0.1';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Refuses a request whose Host is not this computer: a page of another site may have its own name
 * resolve to 127.0.0.1, and would then be of the same origin as this server (DNS rebinding).
 */
export function requireLoopbackHost(
  request: Request,
  response: Response,
  next: NextFunction,
): void {
  const host = (request.get('host') ?? '').replace(/:\d*$/, '').toLowerCase();
  if (LOOPBACK_HOSTS.has(host)) next();
  else response.status(421).type('text').send('This server answers to loopback addresses only.\n');
}

/** Refuses what another site's page sends with a browser's help. */
export function requireSameOrigin(request: Request, response: Response, next: NextFunction): void {
  const site = request.get('sec-fetch-site') ?? 'none';
  const origin = request.get('origin');
  const isOwn = origin === undefined || origin === `http://${request.get('host') ?? ''}`;
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  if (isSafe || (isOwn && ['none', 'same-origin'].includes(site))) next();
  else response.status(403).type('text').send('This form was sent from another site.\n');
}
