import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { AddressRefused, type Resolve, publicLookup, refuseLiteral } from './addresses.ts';

/** Where messages may go. */
export interface Reach {
  /** Only https, and only addresses of the public internet. */
  publicOnly: boolean;
  /** Who knows the addresses of hosts; undefined: the system. */
  resolve?: Resolve;
}

/** What came of sending: an answer, or why there was none. */
export type Sent = { status: number; answer: string } | { fault: string };

const SECONDS_MAX = 10;
/** So much of an answer is read, and so much is kept of it. */
const READ_MAX = 8_192;
const KEPT_MAX = 500;

/**
 * Sends a message once. Redirects are answers like others, no proxy is asked, and of an answer no more
 * is read than its beginning.
 */
export function post(
  url: string,
  message: { headers: Record<string, string>; body: string },
  reach: Reach,
): Promise<Sent> {
  return new Promise((resolve) => {
    let status: number | undefined;
    let answer = '';
    const settle = (fault: string): void => {
      clearTimeout(late);
      request?.destroy();
      resolve(status === undefined ? { fault } : { status, answer: plain(answer) });
    };
    const late = setTimeout(
      settle,
      SECONDS_MAX * 1_000,
      `No answer within ${SECONDS_MAX} seconds.`,
    );
    const request = open(url, message, reach, (error) => {
      settle(sentenceOf(error));
    });
    request?.once('close', () => {
      settle('The connection ended without an answer.');
    });
    request?.once('response', (response) => {
      status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
        if (answer.length >= READ_MAX) settle('');
      });
      const over = (): void => {
        settle('');
      };
      response.once('end', over);
      response.once('error', over);
    });
    request?.end(message.body);
  });
}

/** Undefined when it may not be sent there, which is a fault like others. */
function open(
  text: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  { publicOnly, resolve }: Reach,
  onError: (error: unknown) => void,
): ClientRequest | undefined {
  try {
    const url = new URL(text);
    if (publicOnly) refuseLiteral(url);
    if (publicOnly && url.protocol !== 'https:') {
      throw new AddressRefused('Only https is sent to.');
    }
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      agent: false,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Scrip-Webhooks',
        ...headers,
      },
      ...(publicOnly ? { lookup: publicLookup(resolve) } : {}),
    });
    request.on('error', onError);
    return request;
  } catch (error) {
    // Not before the caller is ready for it.
    queueMicrotask(() => {
      onError(error);
    });
    return undefined;
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof AddressRefused) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The host was not found.';
    case 'ECONNREFUSED':
      return 'The connection was refused.';
    case 'ECONNRESET':
      return 'The connection ended without an answer.';
    default:
      return plain(error instanceof Error ? error.message || code : String(error));
  }
}

/** Text that PostgreSQL can keep and a page can show. */
function plain(text: string): string {
  return text
    .replace(/[^\P{C}\n\t]/gu, ' ')
    .slice(0, KEPT_MAX)
    .toWellFormed();
}
