import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey } from '../../src/workspaces/api-keys.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const read = async (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${program.url}/metrics`, { headers });

test('R10: metrics say what was asked by route, how batches, pools, queues and webhooks do, and the log and the audit who asked', async () => {
  const ada = await program.signUp();
  const completed = only(
    await payHeld(program, await order(program, ada)),
    'checkout.session.completed',
  );
  await deliver(program, completed);
  const { secret } = await program.database.connections.app.transaction().execute((trx) =>
    createApiKey(trx, {
      name: 'n',
      workspace_id: null,
      livemode: true,
      scopes: ['debits:write'],
    }),
  );
  for (const customer of ['one', 'two']) {
    await fetch(`${program.url}/api/v1/debits`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${secret}`,
        'Idempotency-Key': randomUUID(),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ customer, operation: 'message.send', quantity: '1' }),
    });
  }
  for (const id of [randomUUID(), randomUUID()]) {
    await ada.browser.get(`/w/${ada.slug}/payments/${id}`).expect(404);
    await ada.browser.get(`/nowhere/${id}`).expect(404);
  }
  const answer = await read();
  expect(answer.headers.get('content-type')).toContain('version=0.0.4');
  const text = await answer.text();
  for (const line of [
    'scrip_http_request_seconds_count{method="POST",route="/api/v1/debits",status="4xx"} 2',
    'scrip_http_request_seconds_count{method="GET",route="/w/:slug/payments/:id",status="4xx"} 2',
    'scrip_http_request_seconds_count{method="GET",route="none",status="4xx"} 2',
    'scrip_http_request_seconds_count{method="POST",route="/sign-up",status="3xx"} 1',
    'scrip_database_up 1',
    'scrip_ledger_queue_commands 0',
    'scrip_jobs_failed 0',
    'scrip_ledger_violations 0',
    'scrip_stripe_events_flagged 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/^scrip_ledger_batch_commands_count [1-9]/m);
  expect(text).toMatch(/^scrip_stripe_event_lag_seconds_count [1-9]/m);
  expect(text).toMatch(/^scrip_database_connections\{pool="ledger",state="idle"\} \d/m);
  expect(text).toMatch(/^scrip_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m);
  // No id, name or address of anybody is part of a label.
  expect(text).not.toContain(ada.slug);
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [-+\d.e]+)$/,
    );
  }
  const actions = await program.database.query<{ action: string }>(
    'select action from audit_events where workspace_id = $1',
    [ada.workspace_id],
  );
  expect(actions.map(({ action }) => action)).toContain('payment.completed');
});

test('metrics are for this machine, not for what a proxy passes on; with a token for whoever has it', async () => {
  expect((await read({ 'X-Forwarded-For': '203.0.113.7' })).status).toBe(404);
  const METRICS_TOKEN = randomUUID();
  const guarded = await testProgram({ buying: false, settings: { METRICS_TOKEN } });
  const ask = async (Authorization: string): Promise<number> =>
    (await fetch(`${guarded.url}/metrics`, { headers: { Authorization } })).status;
  expect([await ask(''), await ask('Bearer no'), await ask(`Bearer ${METRICS_TOKEN}`)]).toEqual([
    404, 404, 200,
  ]);
  await guarded.stop();
});
