import { z } from 'zod';
import type { Answer, HttpAsk } from './asks.ts';

/** An answer for good, or that nobody knows whether it was done: it is to be asked again. */
export type Sent = Answer | 'unknown';

/** Nobody is kept waiting for longer, whatever happens. */
const ANSWER_MILLISECONDS_MAX = 60_000;

const Body = z.record(z.string(), z.unknown());
const ManyBodies = z.object({
  debits: z.array(z.looseObject({ status: z.number(), replayed: z.boolean().optional() })),
});

/**
 * Sends one command, or several debits in one request.
 * @throws Error for an answer that no program may give
 */
export async function send(url: string, apiKey: string, asks: readonly HttpAsk[]): Promise<Sent[]> {
  const [only] = asks;
  if (only === undefined) return [];
  if (asks.length === 1) return [await sendOne(url, apiKey, only)];
  const debits = asks.map(({ key, body }) => ({ ...body, idempotency_key: key }));
  const answer = await post(`${url}/api/v1/debits`, apiKey, { debits });
  if (answer === 'unknown') return asks.map(() => 'unknown');
  return ManyBodies.parse(await answer.json()).debits.map((one) => {
    const { status, replayed = false, ...body } = one;
    delete body['idempotency_key'];
    if (status === 503) return 'unknown';
    refuseFault(status, JSON.stringify(body));
    return { status, replayed, body };
  });
}

async function sendOne(url: string, apiKey: string, ask: HttpAsk): Promise<Sent> {
  const answer = await post(`${url}/api/v1${ask.path}`, apiKey, ask.body, ask.key);
  if (answer === 'unknown') return answer;
  const text = await answer.text().catch(() => undefined);
  if (text === undefined) return 'unknown';
  const body = Body.parse(JSON.parse(text));
  refuseFault(answer.status, text);
  const replayed = answer.headers.get('Idempotent-Replayed') === 'true';
  return { status: answer.status, replayed, body };
}

async function post(
  url: string,
  apiKey: string,
  body: unknown,
  key?: string,
): Promise<Response | 'unknown'> {
  const signal = AbortSignal.timeout(ANSWER_MILLISECONDS_MAX);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${apiKey}`,
        'Content-Type': 'application/json',
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      body: JSON.stringify(body),
      signal,
    });
    if (answer.status !== 503) return answer;
    await answer.body?.cancel();
    if (answer.headers.has('Retry-After')) return 'unknown';
  } catch {
    // The program was killed; whether it had done it nobody knows.
    if (!signal.aborted) return 'unknown';
    throw new Error(`${url} did not answer for ${ANSWER_MILLISECONDS_MAX} ms`);
  }
  throw new Error(`${url} answered 503 without saying when to ask again`);
}

function refuseFault(status: number, text: string): void {
  // Without the request's id: one line for all that failed alike.
  const known = text.replace(/,?"request_id":"[^"]*"/, '');
  if (status >= 500) throw new Error(`answered as a bug of the program: ${status} ${known}`);
}
