import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** A secret that signs what one endpoint is told. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}

/** Whether a text is such a secret as it signs, not encrypted. */
export function isPlainSecret(text: string): boolean {
  return text.startsWith(PREFIX);
}

/**
 * The headers by which a receiver knows that a message is ours and new, as Standard Webhooks has them.
 * @param secrets each signs: one, or while it is changed two
 * @param at when it is sent: a receiver refuses what is older than some minutes
 */
export function signedHeaders(
  secrets: readonly string[],
  { id, body }: { id: string; body: string },
  at: Date,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
