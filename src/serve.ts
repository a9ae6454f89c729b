import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';

/** An HTTP server that listens before the program is ready, and can be stopped in order. */
export interface Listening {
  /** The port that was taken, also when 0 was asked for. */
  port: number;
  /** From now on this answers; until then everything is 503. */
  answerWith(listener: RequestListener): void;
  /** Takes no new connections, ends idle ones, and waits for the requests that run. */
  close(): Promise<void>;
}

/** Proxies keep connections for a minute or so; ours must not be the first to end. */
const KEEP_ALIVE_MILLISECONDS = 95_000;
const HEADERS_MILLISECONDS = 15_000;
const REQUEST_MILLISECONDS = 30_000;
const CLOSE_MILLISECONDS_MAX = 10_000;

/**
 * Takes the port first, so that a port in use is told before anything else is started.
 * @throws Error with a sentence for the operator
 */
export async function listen(host: string, port: number): Promise<Listening> {
  let listener: RequestListener = (_req, res) => {
    res.writeHead(503, { 'Retry-After': '2', 'Content-Type': 'text/plain' }).end('starting');
  };
  const server = createServer((req, res) => {
    listener(req, res);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.headersTimeout = HEADERS_MILLISECONDS;
  server.requestTimeout = REQUEST_MILLISECONDS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(listenFault(error, host, port)));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    answerWith: (next) => {
      listener = next;
    },
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_MILLISECONDS_MAX);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(late);
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program. Stop that one, or choose another: PORT=${port + 1} npm start`;
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one above 1023: PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${host} is no address of this machine.`;
    default:
      return `Cannot listen on ${host}, port ${port}: ${error.message}`;
  }
}
