import { type RequestListener, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An HTTP server that listens before the program is ready, and can be stopped in order. */
export interface Listening {
  /** The port that was taken, also when 0 was asked for. */
  port: number;
  /** Where this machine reaches it, such as `http://127.0.0.1:3000`. */
  origin: string;
  /** From now on this answers; until then all is 503, but for /healthz. */
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
  let listener: RequestListener = (req, res) => {
    if (req.url === '/healthz') res.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok');
    else unavailable(res, 'starting');
  };
  let closed: Promise<void> | undefined;
  // What each connection is answering. It is let go when it is over: kept until the next one comes, all
  // that ever was said on a connection would outlive the collection of young objects.
  const connections = new Map<Socket, { answer: ServerResponse | undefined }>();
  const endAfter = (res: ServerResponse): void => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
    res.once('close', () => {
      server.closeIdleConnections();
    });
  };
  const server = createServer((req, res) => {
    const connection = connections.get(req.socket);
    if (connection !== undefined) connection.answer = res;
    res.once('close', () => {
      if (connection?.answer === res) connection.answer = undefined;
    });
    if (closed !== undefined) endAfter(res);
    if (closed !== undefined && req.url === '/readyz') unavailable(res, 'stopping');
    else listener(req, res);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.headersTimeout = HEADERS_MILLISECONDS;
  server.requestTimeout = REQUEST_MILLISECONDS;
  server.on('connection', (socket) => {
    connections.set(socket, { answer: undefined });
    socket.once('close', () => {
      connections.delete(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(listenFault(error, host, port)));
    });
    server.listen(port, host, resolve);
  });
  const close = async (): Promise<void> => {
    const late = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_MILLISECONDS_MAX);
    for (const { answer } of connections.values()) if (answer !== undefined) endAfter(answer);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      // A browser opens connections ahead; to Node one without a request is not an idle one.
      for (const socket of connections.keys()) if (socket.bytesRead === 0) socket.destroy();
    });
    clearTimeout(late);
  };
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    origin: originOf(address),
    answerWith: (next) => {
      listener = next;
    },
    close: () => (closed ??= close()),
  };
}

function unavailable(res: ServerResponse, why: string): void {
  res.writeHead(503, { 'Retry-After': '2', 'Content-Type': 'text/plain' }).end(why);
}

function originOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program. Stop that one, or choose another: PORT=${port < 65_535 ? port + 1 : 3000} npm start`;
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one above 1023: PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${host} is no address of this machine.`;
    default:
      return `Cannot listen on ${host}, port ${port}: ${error.message}`;
  }
}
