import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

/** An image costs 3. */
const image = (customer: string, quantity = '1') => ({
  customer,
  operation: 'image.generate',
  quantity,
});

describe('what cannot be read', () => {
  test.each([
    ['zero', '0'],
    ['a negative number', '-1'],
    ['minus zero', '-0'],
    ['a JSON number', 10],
    ['a fraction as a JSON number', 1.5],
    ['an exponent', '1e400'],
    ['a number beyond 2^63', '9223372036854775808'],
    ['seven decimals', '0.0000001'],
    ['nothing', null],
    ['a list', ['1']],
    ['spaces', ' 1'],
    ['a digit of another script', '１'],
  ])('attack 30: %s as a quantity is a 400 that names the field', async (_name, quantity) => {
    const answer = await send(program, service, '/debits', {
      ...image('nobody'),
      quantity,
    }).expect(400);
    expect(answer.body).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: 'quantity' }],
    });
    expect(bodyOf(answer).detail).toContain('quantity: Give a');
  });

  test('attack 30: numbers of JSON that no number holds are a 400 too', async () => {
    for (const number of ['1e400', '-0', '9007199254740993', '9223372036854775807']) {
      const text = `{"customer":"x","operation":"image.generate","quantity":${number}}`;
      const answer = await request(program.url)
        .post('/api/v1/debits')
        .set({ Authorization: `Bearer ${service}`, 'Idempotency-Key': randomUUID() })
        .type('json')
        .send(text);
      expect([answer.status, bodyOf(answer).errors?.[0]?.field]).toEqual([400, 'quantity']);
    }
  });

  test('attack 15: each unknown field is named, also those that JavaScript knows', async () => {
    const text = `{"customer":"x","operation":"image.generate","quantity":"1","price":"0","balance":1,
      "__proto__":{"a":1},"constructor":1,"metadata":{"a":1,"b":"\\u0000"}}`;
    const answer = await request(program.url)
      .post('/api/v1/debits')
      .set({ Authorization: `Bearer ${service}`, 'Idempotency-Key': randomUUID() })
      .type('json')
      .send(text)
      .expect(400);
    const fields = (bodyOf(answer).errors ?? []).map(({ field }) => field).sort();
    expect(fields).toEqual([
      '__proto__',
      'balance',
      'constructor',
      'metadata.a',
      'metadata.b',
      'price',
    ]);
  });

  test('what is no JSON, no object, of another type, encoding or size is refused', async () => {
    const codeOf = async (text: string, headers: Record<string, string> = {}) => {
      const answer = await request(program.url)
        .post('/api/v1/debits')
        .set({ Authorization: `Bearer ${service}`, 'Idempotency-Key': randomUUID() })
        .set({ 'Content-Type': 'application/json', ...headers })
        .send(text);
      return [answer.status, bodyOf(answer).code];
    };
    expect(await codeOf('{')).toEqual([400, 'malformed']);
    expect(await codeOf('')).toEqual([400, 'invalid_request']);
    expect(await codeOf('null')).toEqual([400, 'invalid_request']);
    expect(await codeOf('[]')).toEqual([400, 'invalid_request']);
    expect(await codeOf('{"debits":{}}')).toEqual([400, 'invalid_request']);
    expect(await codeOf(`{"debits":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toEqual([
      200,
      undefined,
    ]);
    const other = [415, 'unsupported_media_type'];
    expect(await codeOf('{}', { 'Content-Type': 'text/plain' })).toEqual(other);
    expect(await codeOf('{}', { 'Content-Encoding': 'gzip' })).toEqual(other);
    const large = JSON.stringify({ ...image('x'), description: 'x'.repeat(100_000) });
    expect(await codeOf(large)).toEqual([413, 'too_large']);
    expect(await codeOf('x'.repeat(10_000_000))).toEqual([413, 'too_large']);
  });

  test('paths that do not exist are a 404 and other methods a 405, as problems', async () => {
    const none = await request(program.url).get('/api/v1/nothing').expect(404);
    expect(none.headers['content-type']).toBe('application/problem+json');
    await request(program.url).post('/api/v1/debits/').expect(404);
    const answer = await request(program.url).get('/api/v1/debits').expect(405);
    expect(answer.headers['allow']).toBe('POST');
  });
});
