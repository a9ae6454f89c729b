import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { type Request, Router } from 'express';
import { notFound } from './errors.ts';

export interface MetricsPage {
  /** Undefined: only this machine may ask. */
  token: string | undefined;
  text: () => Promise<string>;
}

/** `/metrics`, in the text format of Prometheus. For everybody who may not ask there is no such page. */
export function metricsRoutes({ token, text }: MetricsPage): Router {
  const router = Router();
  router.get('/metrics', async (req, res) => {
    if (!(token === undefined ? isOfThisMachine(req) : bears(req, token))) throw notFound();
    res.set('Cache-Control', 'no-store');
    res.type('text/plain; version=0.0.4; charset=utf-8').send(await text());
  });
  return router;
}

function bears(req: Request, token: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  const given = /^Bearer (.+)$/i.exec(req.get('Authorization') ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** A proxy on this machine passes on what comes from anywhere, and says so. */
function isOfThisMachine(req: Request): boolean {
  const address = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isLoopback = address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
  const passedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
  return isLoopback && passedOn.every((name) => req.headers[name] === undefined);
}
