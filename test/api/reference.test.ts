import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENDPOINTS } from '../../src/api/endpoints.ts';
import { referenceOf } from '../../src/api/reference.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const described = referenceOf(ENDPOINTS, 'http://localhost:3000').flatMap(
  (group) => group.endpoints,
);
const one = (id: string) => described.find((endpoint) => endpoint.id === id);

test('the page of the API shows each endpoint to everybody', async () => {
  const { text } = await request(program.url).get('/docs/api').expect(200);
  for (const { id, path } of described) {
    expect(text).toContain(`id="${id}"`);
    expect(text).toContain(path);
  }
});

test('an endpoint is shown with curl, ready to be pasted', () => {
  expect(one('capture')?.curl).toBe(
    [
      'curl "http://localhost:3000/api/v1/holds/$HOLD_ID/capture" \\',
      '  -H "Authorization: Bearer $SCRIP_KEY" \\',
      '  -H "Idempotency-Key: capture-4711" \\',
      '  -H "Content-Type: application/json" \\',
      `  -d '{ "customer": "user-42", "quantity": "12" }'`,
    ].join('\n'),
  );
});

test('an endpoint is shown in TypeScript, with the client', () => {
  expect(one('capture')?.typescript).toBe(
    "const answer = await scrip.capture(hold_id, {\n  customer: 'user-42',\n  quantity: '12',\n});",
  );
});

test('an endpoint says what it wants: names, types and which are required', () => {
  expect(one('debit')?.fields).toContainEqual({
    name: 'quantity',
    type: 'decimal',
    required: true,
    description: 'A decimal above 0, in the unit of the operation.',
  });
});
