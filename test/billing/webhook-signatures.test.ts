import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifiedEvent } from '../../src/billing/webhook.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const Answers = z.array(z.looseObject({ status: z.number().nullable() }));

describe('attack 38: what reaches the webhook', () => {
  test.each(['nosig', 'wrongsecret', 'altered', 'old'])(
    'attack 38: an event sent as %s is refused and nothing is stored',
    async (mode) => {
      const ada = await program.signUp();
      const events = await payHeld(program, await order(program, ada));
      const event = only(events, 'checkout.session.completed');
      expect(
        Answers.parse(await deliver(program, event, mode)).map(({ status }) => status),
      ).toEqual([400]);
      expect(await ada.available()).toBe(50_000_000n);
      const stored = await program.database.query('select 1 from stripe_events where id = $1', [
        event.id,
      ]);
      expect(stored).toHaveLength(0);
    },
  );

  test('attack 38: a body of 2 MB is refused before its signature is looked at', async () => {
    const answer = await program
      .browser()
      .post('/webhooks/stripe')
      .set('Content-Type', 'application/json')
      .send(`{"a":"${'x'.repeat(2_000_000)}"}`);
    expect(answer.status).toBe(413);
  });

  test('attack 38: a small body that unpacks to 20 MB is refused before it is read', async () => {
    const answer = await fetch(`${program.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(20_000_000, ' ')),
    });
    expect(answer.status).toBe(413);
  });

  test('attack 38: while a secret is being changed the old and the new one pass, and no other', () => {
    if (program.provider.mode === 'off') throw new Error('nothing is sold');
    const { stripe } = program.provider;
    const provider = { ...program.provider, webhookSecrets: ['whsec_new', 'whsec_old'] };
    const event = { id: 'evt_1', type: 'ping', livemode: false, created: 1, data: { object: {} } };
    const payload = JSON.stringify(event);
    const read = (secret: string) =>
      verifiedEvent(
        provider,
        Buffer.from(payload),
        stripe.webhooks.generateTestHeaderString({ payload, secret }),
      ).id;
    expect([read('whsec_old'), read('whsec_new')]).toEqual(['evt_1', 'evt_1']);
    expect(() => read('whsec_other')).toThrow('The signature does not fit');
  });
});
