import { Validator } from '@seriousme/openapi-schema-validator';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ENDPOINTS } from '../../src/api/endpoints.ts';
import { openApiOf } from '../../src/api/openapi.ts';
import { SIGNED_IN_ENDPOINTS } from '../../src/api/signed-in/endpoints.ts';
import { bodyOf, newKey } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program, { livemode: false });
});
afterAll(() => program.stop());

const endpoints = ENDPOINTS.map((one) => ({ ...one, name: `${one.method} ${one.path}` }));

/** A path as it is asked for, with something in place of the name. */
const asked = (path: string): string => `/api/v1${path.replace(/:\w+/, 'something')}`;

describe('/api/v1/openapi.json', () => {
  test('is open to everybody, and valid OpenAPI 3.1', async () => {
    const answer = await request(program.url).get('/api/v1/openapi.json').expect(200);
    expect(await new Validator().validate(Fields.parse(answer.body))).toMatchObject({
      valid: true,
    });
    expect(answer.body).toMatchObject({ openapi: '3.1.0' });
    expect(answer.body).toEqual(
      JSON.parse(JSON.stringify(openApiOf(ENDPOINTS, SIGNED_IN_ENDPOINTS))),
    );
  });

  test('describes each endpoint once, by a name of its own', () => {
    const { paths } = openApiOf(ENDPOINTS);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = endpoints.map(({ name }) => name.replace(/:(\w+)/, '{$1}'));
    expect(described.sort()).toEqual(routes.sort());
    expect(new Set(endpoints.map(({ id }) => id)).size).toBe(endpoints.length);
  });

  test.each(endpoints)('$name is answered, to those with a key', async ({ method, path }) => {
    const ask = request(program.url);
    const answer = await (method === 'GET' ? ask.get(asked(path)) : ask.post(asked(path)));
    expect([answer.status, bodyOf(answer).code]).toEqual([401, 'key_missing']);
  });

  test.each(endpoints)('$name reads the request that it shows', ({ example, request: schema }) => {
    expect(schema.safeParse(example)).toMatchObject({ success: true });
  });
});

const Fields = z.record(z.string(), z.unknown());

const NASTY: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 53, '', ' ', '-1', '0', '1.0000001', '1e400', 'NaN', '∞'],
  ...[[], {}, [[]], 'x'.repeat(70_000), '\u0000', '\ud800', '9'.repeat(40), '../../etc/passwd'],
  ...["'; drop table entries; --", '<script>', '0000-00-00', '2026-13-45T99:99:99Z', '__proto__'],
];

describe('attack 30: whatever stands in a field', () => {
  test.each(endpoints)('of $name is answered with less than 500', async (endpoint) => {
    const { method, path, example } = endpoint;
    const fields = Object.entries(fieldsOf(example));
    const names = [...fields.map(([name]) => name), 'no_such_field', '__proto__', 'debits'];
    const bodies = names.flatMap((name) =>
      NASTY.map((value) => Object.fromEntries([...fields, [name, value]])),
    );
    for (const body of [...bodies, ...NASTY]) {
      const ask = request(program.url);
      const sent =
        method === 'GET'
          ? ask.get(`${asked(path)}?${queryOf(body)}`)
          : ask.post(asked(path)).type('json').send(JSON.stringify(body));
      const answer = await sent.set('Authorization', `Bearer ${service}`).set(
        'Idempotency-Key',
        JSON.stringify(body)
          .slice(0, 200)
          .replace(/[^\x20-\x7e]/g, '?'),
      );
      expect(answer.status, `${JSON.stringify(body).slice(0, 200)}: ${answer.text}`).toBeLessThan(
        500,
      );
      if (answer.status >= 400) expect(bodyOf(answer).code, answer.text).toBeDefined();
    }
  });
});

function fieldsOf(body: unknown): Record<string, unknown> {
  return Fields.safeParse(body).data ?? {};
}

function queryOf(body: unknown): string {
  return Object.entries(fieldsOf(body))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`)
    .join('&')
    .slice(0, 8_000);
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.toWellFormed();
}
