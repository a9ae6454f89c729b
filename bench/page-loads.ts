import { type Agent, type IncomingMessage, request } from 'node:http';

export interface Address {
  port: number;
  path: string;
  cookie?: string;
}

/** One answer: when its first byte came, and what came on the wire, headers too. */
interface Loaded {
  status: number;
  first_byte_ms: number;
  bytes: number;
  text: string;
}

/**
 * Asks as browsers do, for what is packed.
 * @param agent keeps its connection; without one each has its own
 */
export function load({ port, path, cookie = '' }: Address, agent?: Agent): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const headers = {
      cookie,
      accept: 'text/html,*/*',
      'accept-encoding': 'gzip, deflate, br, zstd',
    };
    const options = { host: '127.0.0.1', port, path, headers, agent: agent ?? false };
    const asked = performance.now();
    request(options, (answer: IncomingMessage) => {
      const first_byte_ms = performance.now() - asked;
      const parts: Buffer[] = [];
      const { socket } = answer;
      const before = agent === undefined ? 0 : socket.bytesRead;
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () => {
        const bytes = socket.bytesRead - before;
        const text = Buffer.concat(parts).toString('latin1');
        resolve({ status: answer.statusCode ?? 0, first_byte_ms, bytes, text });
      });
    })
      .once('error', reject)
      .end();
  });
}

/** As text, for whoever reads it: not packed. */
export async function read({ port, path, cookie = '' }: Address): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { cookie, 'accept-encoding': 'identity' },
    redirect: 'manual',
  });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}

/** What a browser that has nothing yet fetches for a page, each with its bytes on the wire. */
export async function coldLoad(page: Address): Promise<{ path: string; bytes: number }[]> {
  const html = await read(page);
  const linked = [...html.matchAll(/<(?:link|script|img)\b[^>]*\s(?:href|src)="(\/[^"]*)"/g)];
  const paths = new Set(linked.map(([, path = '']) => path));
  for (const sheet of [...paths].filter((path) => path.includes('.css'))) {
    const css = await read({ ...page, path: sheet });
    for (const [, url = ''] of css.matchAll(/url\(["']?([^"')]+)["']?\)/g)) {
      if (/^(?:data:|#)/.test(url)) continue;
      paths.add(new URL(url, `http://127.0.0.1${sheet}`).pathname);
    }
  }
  const loaded: { path: string; bytes: number }[] = [];
  for (const path of [page.path, ...paths]) {
    const { status, bytes } = await load({ ...page, path });
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    loaded.push({ path: path.split('?')[0] ?? path, bytes });
  }
  return loaded;
}
