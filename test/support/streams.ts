import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { expect } from 'vitest';
import type { TestProgram } from './program.ts';

/** A page's stream of live balances, as a browser holds it. */
export interface OpenStream {
  status: number;
  headers: IncomingMessage['headers'];
  /** All that was written to it. */
  text(): string;
  /** The figures and levels of its messages, such as "1,284.40 Healthy", in their order. */
  purses(): string[];
  /** Resolves when its last message says this. */
  shows(purse: string): Promise<void>;
  /** Resolves when it is over: the server ended it, or it was cut. */
  ended: Promise<'in order' | 'cut'>;
  close(): void;
}

/** Opens a stream with the cookies of somebody who is signed in, or came by a link. */
export async function openStream(
  url: string,
  cookie: string,
  headers: Record<string, string> = {},
): Promise<OpenStream> {
  let text = '';
  const asked: ClientRequest = request(url, {
    agent: false,
    headers: { cookie, accept: 'text/event-stream', 'hx-request-type': 'partial', ...headers },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end();
  });
  const ended = new Promise<'in order' | 'cut'>((resolve) => {
    answer.once('close', () => resolve(answer.complete ? 'in order' : 'cut'));
  });
  answer.setEncoding('utf8').on('data', (part: string) => (text += part));
  answer.on('error', () => undefined);
  const purses = (): string[] => pursesIn(text);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: () => text,
    purses,
    shows: (purse) => expect.poll(() => purses().at(-1), { timeout: 20_000 }).toBe(purse),
    ended,
    close: () => asked.destroy(),
  };
}

function pursesIn(text: string): string[] {
  const messages = text.split('\n\n').filter((message) => message.startsWith('data: '));
  return messages.map((message) => {
    const [, figure = ''] = /class="fig">([^<]*)</.exec(message) ?? [];
    const [, level = ''] = /<\/svg>\s*(?:data: )?([^<]*)<\/span>/.exec(message) ?? [];
    return `${figure} ${level.trim()}`.trim();
  });
}

/** The cookie of a session of its own for somebody who has an account. */
export async function sessionOf(
  program: TestProgram,
  { email, password }: { email: string; password: string },
): Promise<string> {
  const answer = await program
    .browser()
    .post('/sign-in')
    .type('form')
    .send({ email, password })
    .expect(303);
  const [cookie] = /sid=[^;]+/.exec(String(answer.headers['set-cookie'])) ?? [];
  if (cookie === undefined) throw new Error('signing in gave no session');
  return cookie;
}
