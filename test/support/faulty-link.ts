import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of a request on its way: it passes; the program carries it out and the answer never
 * comes; the program carries it out and the connection is cut; the connection is cut before; or a
 * server says that it is busy.
 */
export type Fate = 'pass' | 'dawdle' | 'cut' | 'lose' | { status: number; retry_after: string };

/** A link between a client and the program on which requests and answers are lost. */
export interface FaultyLink {
  url: string;
  /** The idempotency key of each request that came by, in their order. */
  keys: string[];
  /** What becomes of the next requests; those after them pass. */
  meet(...fates: Fate[]): void;
  close(): Promise<void>;
}

export async function faultyLink(target: string): Promise<FaultyLink> {
  const fates: Fate[] = [];
  const keys: string[] = [];
  const server = createServer((req, res) => {
    keys.push(String(req.headers['idempotency-key']));
    void carry(target, req, res, fates.shift() ?? 'pass');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    meet: (...next) => {
      fates.push(...next);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function carry(
  target: string,
  req: IncomingMessage,
  res: ServerResponse,
  fate: Fate,
): Promise<void> {
  const body = await buffer(req);
  if (typeof fate === 'object') {
    res.writeHead(fate.status, { 'Retry-After': fate.retry_after }).end('busy');
    return;
  }
  if (fate === 'lose') {
    res.destroy();
    return;
  }
  const headers = new Headers();
  for (const name of ['authorization', 'content-type', 'idempotency-key', 'x-request-id']) {
    const value = req.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const { method = 'GET', url = '' } = req;
  const sent = method === 'GET' ? { method, headers } : { method, headers, body };
  const answer = await fetch(`${target}${url}`, sent);
  const text = await answer.text();
  if (fate === 'cut') res.destroy();
  if (fate === 'pass') res.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
}
