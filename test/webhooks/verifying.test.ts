import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { newSecret, signedHeaders } from '../../src/webhooks/signatures.ts';

type IsFromScrip = (secret: string, headers: Record<string, string>, body: string) => boolean;

/** The lines that the documentation gives for verifying without a library. */
async function documented(): Promise<IsFromScrip> {
  const text = await readFile('docs/webhooks.md', 'utf8');
  const lines = /```ts\n(import \{ createHmac[^]*?)```/.exec(text)?.[1] ?? '';
  const code = `${stripTypeScriptTypes(lines)}\nexport { isFromScrip };`;
  const found = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isFromScrip: IsFromScrip;
  };
  return found.isFromScrip;
}

test('the lines of the documentation tell our messages from all others', async () => {
  const isFromScrip = await documented();
  const [secret, other] = [newSecret(), newSecret()];
  const message = { id: 'msg_1', body: '{"type":"webhook.test"}' };
  const signed = (secrets: string[], at = new Date()) => signedHeaders(secrets, message, at);
  const { body } = message;
  expect(isFromScrip(secret, signed([secret]), body)).toBe(true);
  expect(isFromScrip(secret, signed([other, secret]), body)).toBe(true);
  expect(isFromScrip(secret, signed([other]), body)).toBe(false);
  expect(isFromScrip(secret, signed([secret]), `${body} `)).toBe(false);
  expect(isFromScrip(secret, { ...signed([secret]), 'webhook-id': 'msg_2' }, body)).toBe(false);
  const old = new Date(Date.now() - 301_000);
  expect(isFromScrip(secret, signed([secret], old), body)).toBe(false);
});
