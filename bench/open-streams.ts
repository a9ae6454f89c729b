import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Member } from './members.ts';

/** A page that is open: it notes when it was told something. */
export interface OpenPage {
  messages: number;
  told_at: number;
  close: () => void;
}

const OPENED_AT_ONCE = 50;

/** Opens a stream for each of these members; all have been told what is left when this returns. */
export async function openPages(port: number, members: readonly Member[]): Promise<OpenPage[]> {
  const pages: OpenPage[] = [];
  const waiting = [...members];
  const open = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      pages.push(await openPage(port, next));
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, open));
  await until(() => pages.every(({ messages }) => messages > 0));
  return pages;
}

function openPage(port: number, { path, cookie }: Member): Promise<OpenPage> {
  const headers = { cookie, accept: 'text/event-stream', 'hx-request-type': 'partial' };
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request(
      { host: '127.0.0.1', port, path: `${path}/live`, headers, agent: false },
      (answer: IncomingMessage) => {
        if (answer.statusCode !== 200) reject(new Error(`a stream answered ${answer.statusCode}`));
        const page = { messages: 0, told_at: 0, close: () => asked.destroy() };
        answer.on('data', (part: Buffer) => {
          if (!part.includes('data: ')) return;
          page.messages += 1;
          page.told_at = performance.now();
        });
        answer.on('error', () => undefined);
        resolve(page);
      },
    );
    asked.once('error', reject).end();
  });
}

/** Looks again and again until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const late = performance.now() + 120_000;
  while (!isSo()) {
    if (performance.now() > late) throw new Error('a stream was told nothing for two minutes');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
