import { type Socket, connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

/** A connection on which this was said, and nothing more. */
async function saying(text: string): Promise<Socket> {
  const { hostname, port } = new URL(program.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('connect', () => {
      socket.write(text, () => resolve());
    });
  });
  return socket;
}

/** Half of the headers, or all of them and half of the body. */
const HALVES = [
  'POST /api/v1/debits HTTP/1.1\r\nHost: x\r\nX-Slow:',
  'POST /api/v1/debits HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"cust',
];

test('attack 56: five hundred connections that say half a request keep nobody else waiting', async () => {
  const customer = await newCustomer(program, 10n);
  const half = await Promise.all(
    Array.from({ length: 500 }, (_, number) => saying(HALVES[number % 2] ?? '')),
  );
  onTestFinished(() => {
    for (const socket of half) socket.destroy();
  });
  await request(program.url).get('/healthz').expect(200);
  const image = { customer: customer.external_id, operation: 'image.generate', quantity: '1' };
  await send(program, service, '/debits', image).expect(201);
});

/** What a debit is answered with whose body is this text. */
async function debit(text: string): Promise<[status: number, code: string | undefined]> {
  const answer = await request(program.url)
    .post('/api/v1/debits')
    .set({ Authorization: `Bearer ${service}`, 'Idempotency-Key': randomUUID() })
    .type('json')
    .send(text);
  return [answer.status, bodyOf(answer).code];
}

test('attack 56: JSON as deep as its size allows is a 400', async () => {
  expect(await debit('['.repeat(10_000))).toEqual([400, 'malformed']);
  const deep = '['.repeat(40_000) + ']'.repeat(40_000);
  expect(await debit(deep)).toEqual([400, 'invalid_request']);
  expect(await debit(`{"customer":${deep}}`)).toEqual([400, 'invalid_request']);
  expect(await debit('{"a":'.repeat(15_000) + '1' + '}'.repeat(15_000))).toEqual([
    400,
    'invalid_request',
  ]);
});

test('attack 56: a hundred thousand fields of a form are refused', async () => {
  const fields = Array.from({ length: 100_000 }, (_, number) => `f${number}=1`).join('&');
  const answer = await request(program.url)
    .post('/sign-in')
    .set({ Origin: program.url, 'Sec-Fetch-Site': 'same-origin' })
    .type('form')
    .send(fields);
  expect(answer.status).toBe(413);
});

test('attack 56: text that makes a slow pattern slower is answered like any other', async () => {
  const evil = [`${'1'.repeat(90_000)}!`, 'a@'.repeat(40_000), `${' '.repeat(90_000)}x`];
  for (const text of evil) {
    for (const field of ['customer', 'operation', 'quantity', 'occurred_at', 'on_behalf_of']) {
      const image = { customer: 'x', operation: 'image.generate', quantity: '1', [field]: text };
      expect(await debit(JSON.stringify(image))).toEqual([400, 'invalid_request']);
    }
  }
});

test('attack 57: two hundred passwords at once are hashed in turn, and others are answered', async () => {
  const signIns = Array.from({ length: 200 }, (_, number) =>
    request(program.url)
      .post('/sign-in')
      .set({ Origin: program.url, 'Sec-Fetch-Site': 'same-origin' })
      .type('form')
      .send({ email: `nobody-${number}@example.com`, password: 'a password of nobody' })
      .then(({ status }) => status),
  );
  const others = await Promise.all([
    request(program.url).get('/healthz'),
    send(program, service, '/debits', { customer: 'x', operation: 'none', quantity: '1' }),
  ]);
  expect(others.map(({ status }) => status)).toEqual([200, 422]);
  const statuses = new Set(await Promise.all(signIns));
  for (const status of statuses) expect([422, 429, 503]).toContain(status);
});
