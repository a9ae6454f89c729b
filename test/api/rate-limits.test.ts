import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Response } from 'supertest';
import { type ApiKey, findApiKey } from '../../src/workspaces/api-keys.ts';
import { ApiRateLimits } from '../../src/workspaces/api-rate-limits.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

const [OF_WORKSPACE, OF_SERVICE] = [50, 30];

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({
    buying: false,
    settings: {
      RATE_LIMIT_WORKSPACE_KEY: String(OF_WORKSPACE),
      RATE_LIMIT_SERVICE_KEY: String(OF_SERVICE),
    },
  });
});
afterAll(() => program.stop());

const message = (customer: string) => ({ customer, operation: 'message.send', quantity: '1' });
const standingOf = ({ headers }: Response) => [
  headers['ratelimit-policy'],
  String(headers['ratelimit']).replace(/t=\d+$/, 't'),
];

/** A key as the API knows it. */
async function knownKey(): Promise<ApiKey> {
  const found = await findApiKey(program.database.connections.staff, await newKey(program));
  if (found === undefined) throw new Error('there is no such key');
  return found;
}

/** A process that counts by itself. */
function processWith(limit: number): ApiRateLimits {
  const limits = { workspace: limit, service: limit };
  return new ApiRateLimits(program.database.connections.app, limits);
}

/** How many of so many requests at once pass. */
async function passing(limits: ApiRateLimits, key: ApiKey, times: number): Promise<number> {
  const tries = Array.from({ length: times }, async () => {
    await limits.take(key);
  });
  const outcomes = await Promise.allSettled(tries);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ status: 429 });
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

describe('how often a key is used is limited', () => {
  test('attack 58: of 200 at once exactly so many pass, and the others are told when to come back', async () => {
    const ada = await newCustomer(program, 10n);
    const key = await newKey(program);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => send(program, key, '/debits', message(ada.external_id))),
    );
    const passed = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 429);
    expect([passed.length, refused.length]).toEqual([OF_SERVICE, 200 - OF_SERVICE]);
    for (const answer of refused) {
      expect(bodyOf(answer)).toMatchObject({ code: 'too_many_requests', limit: OF_SERVICE });
      const seconds = Number(answer.headers['retry-after']);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(standingOf(answer)).toEqual([`"key";q=${OF_SERVICE};w=60`, '"key";r=0;t']);
    }
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('each answer says how the key stands, refusals too, and each key has a limit of its own', async () => {
    const ada = await program.signUp();
    const [one, other] = [
      await newKey(program, { workspace_id: ada.workspace_id }),
      await newKey(program, { workspace_id: ada.workspace_id }),
    ];
    const policy = `"key";q=${OF_WORKSPACE};w=60`;
    const order = { operation: 'message.send', quantity: '1' };
    const first = await send(program, one, '/debits', order).expect(201);
    expect(standingOf(first)).toEqual([policy, `"key";r=${OF_WORKSPACE - 1};t`]);
    const malformed = await send(program, one, '/debits', {}).expect(400);
    expect(standingOf(malformed)).toEqual([policy, `"key";r=${OF_WORKSPACE - 2};t`]);
    const beside = await send(program, other, '/debits', order).expect(201);
    expect(standingOf(beside)).toEqual([policy, `"key";r=${OF_WORKSPACE - 1};t`]);
  });

  test('many debits in one request count as many, and are refused as one', async () => {
    const ada = await newCustomer(program, 10n);
    const key = await newKey(program);
    const many = (length: number, of: string) => ({
      debits: Array.from({ length }, (_, index) => ({
        ...message(ada.external_id),
        idempotency_key: `${of}-${index}`,
      })),
    });
    await send(program, key, '/debits', many(20, 'first')).expect(200);
    const refused = await send(program, key, '/debits', many(11, 'second')).expect(429);
    expect(standingOf(refused)[1]).toBe('"key";r=9;t');
    expect(await ada.stored()).toEqual([8, 0, 0]);
    await send(program, key, '/debits', many(9, 'second')).expect(200);
    await send(program, key, '/debits', message(ada.external_id)).expect(429);
    const another = await newKey(program);
    const never = await send(program, another, '/debits', many(OF_SERVICE + 2, 'third')).expect(
      413,
    );
    expect(bodyOf(never)).toMatchObject({ code: 'too_many_at_once', limit: OF_SERVICE });
    expect(await ada.stored()).toEqual([7.1, 0, 0]);
  });

  test('attack 58: several processes share it, one that starts anew has nothing more, and the next window has all', async () => {
    const key = await knownKey();
    const processes = [processWith(50), processWith(50), processWith(50)];
    const passed = await Promise.all(processes.map((one) => passing(one, key, 100)));
    expect(passed.reduce((sum, one) => sum + one, 0)).toBe(50);
    expect(await passing(processWith(50), key, 100)).toBe(0);
    // The second one as after the database's clock was put back.
    for (const ends_at of ['clock_timestamp()', "clock_timestamp() + interval '1 hour'"]) {
      await program.database.query(
        `update api_rate_windows set ends_at = ${ends_at} where api_key_id = $1`,
        [key.id],
      );
      expect(await passing(processWith(50), key, 60)).toBe(50);
    }
  });

  test('attack 58: with a large limit a process has some ahead: never more pass, and few less', async () => {
    const key = await knownKey();
    const limit = 5_000;
    const processes = [processWith(limit), processWith(limit)];
    let passed = 0;
    for (let round = 0; round < 4; round++) {
      const each = await Promise.all(processes.map((one) => passing(one, key, 1_000)));
      passed += each.reduce((sum, one) => sum + one, 0);
    }
    expect(passed).toBeLessThanOrEqual(limit);
    expect(passed).toBeGreaterThanOrEqual(limit - (processes.length * limit) / 100);
  });

  test('a process asks the database seldom', async () => {
    const key = await knownKey();
    const limits = processWith(100_000);
    await limits.take(key);
    const waited = Array.from({ length: 999 }, () => limits.take(key)).filter(Boolean);
    expect(waited).toEqual([]);
  });

  test('attack 58: health, webhooks and who has no key are not counted', async () => {
    const { url } = program;
    const asked = [
      ...Array.from({ length: 60 }, () => fetch(`${url}/webhooks/stripe`, { method: 'POST' })),
      ...Array.from({ length: 60 }, () => fetch(`${url}/healthz`)),
      ...Array.from({ length: 60 }, () => fetch(`${url}/api/v1/openapi.json`)),
    ];
    const statuses = await Promise.all(
      asked.map(async (answering) => {
        const answer = await answering;
        await answer.body?.cancel();
        return [answer.status, answer.headers.get('ratelimit')];
      }),
    );
    expect(new Set(statuses.map(String))).toEqual(new Set(['404,', '200,']));
  });
});
