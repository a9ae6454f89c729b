import { createHmac } from 'node:crypto';

/**
 * The `Stripe-Signature` of a raw body: `t=…,v1=…`, where v1 is the hexadecimal HMAC-SHA256 of
 * `t.body` under the endpoint's whole secret.
 */
export function signatureHeader(body: string, secret: string, at_seconds: number): string {
  const digest = createHmac('sha256', secret).update(`${at_seconds}.${body}`).digest('hex');
  return `t=${at_seconds},v1=${digest}`;
}
