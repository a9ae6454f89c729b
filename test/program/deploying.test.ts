import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { newKey } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, only, order, payHeld } from '../support/purchases.ts';
import { type Server, type Settings, startServer } from './started.ts';

let program: TestProgram;
let settings: Settings;
const webhookSecret = `whsec_${randomBytes(12).toString('hex')}`;
beforeAll(async () => {
  program = await testProgram();
  settings = {
    DATABASE_URL: program.database.url,
    STRIPE_SECRET_KEY: 'sk_test_never_asked',
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_API_URL: program.stripe?.url ?? '',
  };
});
afterAll(() => program.stop());

const DEBITS = 200;
const Told = z.object({ event: z.looseObject({ id: z.string() }) });

/** What one asks for, and what came of it; undefined: no answer came. */
async function ask(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string } | undefined> {
  try {
    const answer = await fetch(url, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}

test('attack 60: told to stop with 200 debits and a webhook under way, it answers or refuses each, and nothing is lost or doubled when they come again', async () => {
  const ada = await program.signUp();
  const key = await newKey(program, { workspace_id: ada.workspace_id });
  const purchase = await order(program, ada);
  const paid = only(await payHeld(program, purchase), 'checkout.session.completed');
  const { event } = Told.parse(await control(program, `/events/${paid.id}`));
  const payload = JSON.stringify(event);
  const signed = () => Stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret });
  const debit = JSON.stringify({ operation: 'message.send', quantity: '1' });
  const keys = Array.from({ length: DEBITS }, () => randomUUID());
  const askAll = (server: Server) => [
    ask(`${server.url}/webhooks/stripe`, { 'Stripe-Signature': signed() }, payload),
    ...keys.map((one) => {
      const headers = {
        ...{ Authorization: `Bearer ${key}`, 'Idempotency-Key': one },
        'Content-Type': 'application/json',
      };
      return ask(`${server.url}/api/v1/debits`, headers, debit);
    }),
  ];
  const before = await ada.available();

  const first = await startServer(settings);
  // Nothing is answered before it is told to stop.
  const holder = new pg.Client({ connectionString: program.database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from wallets where id = $1 for update', [ada.wallet_id]);
  const asked = askAll(first);
  await expect
    .poll(
      () =>
        program.database.query(
          `select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
        ),
      { timeout: 15_000 },
    )
    .not.toEqual([]);
  first.child.kill('SIGTERM');
  await holder.query('rollback');
  await holder.end();
  const answers = await Promise.all(asked);
  expect(await first.ended).toMatchObject({ code: 0, err: '' });
  const statuses = new Set(answers.map((answer) => answer?.status));
  expect([200, 201, 503, undefined]).toEqual(expect.arrayContaining([...statuses]));
  expect(statuses).toContain(201);

  const second = await startServer(settings);
  const again = await Promise.all(askAll(second));
  const [told, ...debits] = again;
  expect(told?.status).toBe(200);
  expect(new Set(debits.map((answer) => answer?.status))).toEqual(new Set([201]));
  // What was answered stands.
  const entryOf = (text = '{}') => (JSON.parse(text) as { entry?: number }).entry;
  const [, ...firstDebits] = answers;
  for (const [index, answer] of firstDebits.entries()) {
    if (answer?.status === 201) expect(entryOf(debits[index]?.text)).toBe(entryOf(answer.text));
  }
  const [stored] = await program.database.query<{ debits: number; spent: bigint; bought: bigint }>(
    `select count(*) filter (where kind = 'debit')::int as debits,
       sum(amount) filter (where kind = 'debit')::text as spent,
       sum(amount) filter (where payment_id = $2)::text as bought
     from entries where wallet_id = $1`,
    [ada.wallet_id, purchase.payment_id],
  );
  expect(stored?.debits).toBe(DEBITS);
  expect(await ada.available()).toBe(
    before - BigInt(stored?.spent ?? 0) + BigInt(stored?.bought ?? 0),
  );
  expect(BigInt(stored?.bought ?? 0)).toBeGreaterThan(0n);
  await second.stop();
});
