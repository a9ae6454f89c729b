import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** What came of one try: the status answered, or null and the reason why there was none. */
export interface WebhookAnswer {
  status: number | null;
  error: string | null;
}

const TIMEOUT_MS = 10_000;

/** Any 2xx is a delivery; a redirect is not followed and is a failure, as at Stripe. */
export function isDelivered(answer: WebhookAnswer): boolean {
  return answer.status !== null && answer.status >= 200 && answer.status < 300;
}

/** Posts a webhook; never throws. The connection is closed afterwards. */
export function postWebhook(
  url: string,
  body: string,
  signature: string | null,
  stop: AbortSignal,
): Promise<WebhookAnswer> {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const outgoing = send(target, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        accept: '*/*; q=0.5, application/xml',
        ...(signature !== null && { 'stripe-signature': signature }),
      },
    });
    outgoing.on('error', (error) => {
      resolve({ status: null, error: reason(error) });
    });
    outgoing.on('response', (response) => {
      response.resume();
      response.on('error', (error) => {
        resolve({ status: null, error: reason(error) });
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? null, error: null });
      });
    });
    outgoing.end(body);
  });
}

function reason(error: Error): string {
  return error.name === 'TimeoutError' ? `No answer within ${TIMEOUT_MS} ms` : error.message;
}
