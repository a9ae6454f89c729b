import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What somebody sent to a receiver. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  /** To the letter. */
  body: string;
}

/** A program of somebody else's that is told things over HTTP. */
export interface Receiver {
  url: string;
  received: Received[];
  /** The types of what came, in the order in which they came. */
  types(): string[];
  /** From now on it answers so; at first with 204. */
  answerWith(answer: (res: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let answer = (res: ServerResponse): void => {
    res.writeHead(204).end();
  };
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => (body += chunk));
    req.on('end', () => {
      received.push({ path: req.url ?? '', headers: req.headers, body });
      answer(res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    types: () => received.map(({ body }) => /"type":"([\w.]+)"/.exec(body)?.[1] ?? ''),
    answerWith: (next) => {
      answer = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
