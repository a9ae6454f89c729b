import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { stripeProvider } from '../../src/billing/provider.ts';
import { stripeReceiptOf } from '../../src/billing/documents/stripe-receipts.ts';

/** What Stripe would answer, whatever stands in it. */
async function askedOf(receipt_url: unknown): Promise<string> {
  const intent = { object: 'payment_intent', id: 'pi_1' };
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ ...intent, latest_charge: { object: 'charge', receipt_url } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider = stripeProvider('stripe', {
    secretKey: 'sk_test_0',
    webhookSecrets: [],
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  if (provider.mode === 'off') throw new Error('there is a provider');
  try {
    return (await stripeReceiptOf(provider, 'pi_1')).url;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("Stripe's own receipt leads to Stripe, and an answer that says otherwise leads nowhere", async () => {
  const theirs = 'https://pay.stripe.com/receipts/payment/x';
  expect(await askedOf(theirs)).toBe(theirs);
  for (const other of [
    'https://evil.example/pay.stripe.com',
    'https://notstripe.com/x',
    'https://stripe.com.evil.example/x',
    'http://pay.stripe.com/x',
    'javascript:alert(1)',
    '//pay.stripe.com/x',
    null,
    7,
  ]) {
    expect([other, await askedOf(other)]).toEqual([
      other,
      expect.stringContaining('no such receipt'),
    ]);
  }
});
