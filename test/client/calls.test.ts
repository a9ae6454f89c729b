import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Scrip, ScripError } from '../../client/index.ts';
import { setBudget } from '../../src/ledger/budgets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newCustomer, newKey } from '../support/api.ts';
import { type FaultyLink, faultyLink } from '../support/faulty-link.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
let service: string;
let link: FaultyLink;
let scrip: Scrip;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
  link = await faultyLink(program.url);
  scrip = new Scrip({ url: link.url, key: service });
});
afterAll(async () => {
  await link.close();
  await program.stop();
});

/** An image costs 3. */
const image = (customer: string, quantity = '1') => ({
  customer,
  operation: 'image.generate',
  quantity,
});

/** The keys of the requests that something makes. */
async function keysOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = link.keys.length;
  await work();
  return link.keys.slice(before);
}

async function failureOf(work: Promise<unknown>): Promise<ScripError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof ScripError) return error;
  throw new Error('this did not fail', { cause: error });
}

describe('the client', () => {
  test('debits, holds, extends, captures, releases and refunds', async () => {
    const ada = await newCustomer(program, 20n);
    const customer = ada.external_id;
    const debit = await scrip.debit(image(customer, '2'));
    expect(debit).toMatchObject({ amount: '6', available: '14', quantity: '2', replayed: false });
    const hold = await scrip.hold({ ...image(customer, '2'), ttl_seconds: 60 });
    expect(hold).toMatchObject({ open: true, held: '6', captured: '0' });
    const extended = await scrip.extend(hold.hold_id, { customer, ttl_seconds: 600 });
    expect(Date.parse(extended.expires_at)).toBeGreaterThan(Date.parse(hold.expires_at));
    const captured = await scrip.capture(hold.hold_id, { customer, quantity: '1' });
    expect(captured).toMatchObject({ open: false, captured: '3', released: '3' });
    const other = await scrip.hold({ ...image(customer), ttl_seconds: 60 });
    expect(await scrip.release(other.hold_id, { customer })).toMatchObject({ released: '3' });
    const refund = await scrip.refund({ customer, entry: debit.entry, amount: '1.5' });
    expect(refund).toMatchObject({ refunded_entry: debit.entry, amount: '1.5', available: '12.5' });
    expect(await ada.stored()).toEqual([12.5, 0, 0]);
  });

  test('reads how a wallet stands and what happened to it', async () => {
    const ada = await newCustomer(program, 20n);
    const customer = ada.external_id;
    const { entry } = await scrip.debit(image(customer));
    expect(await scrip.balance({ customer })).toMatchObject({ available: '17' });
    const { entries } = await scrip.entries({ customer, limit: 1 });
    expect(entries).toMatchObject([{ entry, kind: 'debit', amount: '3' }]);
    expect(await scrip.entry(entry, { customer })).toMatchObject({ operation: 'image.generate' });
    expect((await failureOf(scrip.entry(99, { customer }))).code).toBe('not_found');
  });

  test('debits many at once, and each is answered by itself', async () => {
    const ada = await newCustomer(program, 5n);
    const answers = await scrip.debits([
      image(ada.external_id),
      { ...image(ada.external_id), idempotency_key: 'second' },
      { ...image(ada.external_id), operation: 'nothing' },
    ]);
    expect(answers).toMatchObject([
      { status: 201, amount: '3' },
      { status: 402, idempotency_key: 'second', missing: '1' },
      { status: 422, code: 'operation_unknown' },
    ]);
    expect(await ada.stored()).toEqual([2, 0, 0]);
  });

  test('makes a key of its own for each call, and takes one that is given', async () => {
    const ada = await newCustomer(program, 20n);
    const keys = await keysOf(async () => {
      await scrip.debit(image(ada.external_id));
      await scrip.debit(image(ada.external_id));
      const options = { idempotency_key: 'mine' };
      expect(await scrip.debit(image(ada.external_id), options)).toMatchObject({ replayed: false });
      expect(await scrip.debit(image(ada.external_id), options)).toMatchObject({ replayed: true });
    });
    expect(new Set(keys).size).toBe(3);
    expect(keys.slice(2)).toEqual(['mine', 'mine']);
    expect(await ada.stored()).toEqual([11, 0, 0]);
  });

  test('asks again when a server dawdles, and is charged once', async () => {
    const ada = await newCustomer(program, 10n);
    link.meet('dawdle', 'dawdle');
    const keys = await keysOf(async () => {
      const options = { timeout_milliseconds: 300 };
      const answer = await scrip.debit(image(ada.external_id), options);
      expect(answer).toMatchObject({ amount: '3', available: '7', replayed: true });
    });
    expect(keys.length).toBeGreaterThanOrEqual(3);
    expect(new Set(keys).size).toBe(1);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('asks again when the connection is cut, before or after, and is charged once', async () => {
    const ada = await newCustomer(program, 10n);
    link.meet('lose', 'cut', 'cut');
    const keys = await keysOf(() => scrip.debit(image(ada.external_id)));
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('asks again when servers are busy, many debits too, and is charged once', async () => {
    const ada = await newCustomer(program, 10n);
    link.meet({ status: 503, retry_after: '1' }, { status: 429, retry_after: '0' }, 'cut');
    await scrip.debit(image(ada.external_id));
    link.meet({ status: 502, retry_after: 'soon' }, 'cut');
    const [answer] = await scrip.debits([image(ada.external_id)]);
    expect(answer).toMatchObject({ status: 201, replayed: true });
    expect(await ada.stored()).toEqual([4, 0, 0]);
  });

  test('gives up at once when Retry-After is later than it has time for', async () => {
    const ada = await newCustomer(program, 10n);
    link.meet({ status: 503, retry_after: '3600' });
    const failure = await failureOf(scrip.debit(image(ada.external_id)));
    expect(failure).toMatchObject({ status: 503, code: 'unreadable', retry_after_seconds: 3600 });
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });

  test('says with which key to ask again when no answer comes', async () => {
    const ada = await newCustomer(program, 10n);
    link.meet('cut');
    const once = { retry_milliseconds: 0 };
    const failure = await failureOf(scrip.debit(image(ada.external_id), once));
    expect(failure).toMatchObject({ status: 0, code: 'unreachable' });
    const { idempotency_key } = failure;
    const again = await scrip.debit(image(ada.external_id), { idempotency_key });
    expect(again).toMatchObject({ replayed: true, available: '7' });
    link.meet('dawdle');
    const late = scrip.debit(image(ada.external_id), { ...once, timeout_milliseconds: 200 });
    expect(await failureOf(late)).toMatchObject({ status: 0, code: 'timeout' });
  });

  test('ends a call when its signal is aborted', async () => {
    const ada = await newCustomer(program, 10n);
    const caller = new AbortController();
    const aborted = (idempotency_key: string) =>
      scrip.debit(image(ada.external_id), { signal: caller.signal, idempotency_key });
    link.meet('dawdle');
    const call = aborted('under way');
    await vi.waitFor(() => {
      expect(link.keys).toContain('under way');
    });
    caller.abort(new Error('the user left'));
    await expect(call).rejects.toThrow('the user left');
    await expect(aborted('not begun')).rejects.toThrow('the user left');
    expect(link.keys).not.toContain('not begun');
  });

  test('a problem is an error with its code and members', async () => {
    const ada = await newCustomer(program, 2n);
    const failure = await failureOf(
      scrip.debit(image(ada.external_id, '2'), { request_id: 'request-4711' }),
    );
    expect(failure.message).toBe('There are too few credits. Nothing was charged.');
    expect(failure).toMatchObject({ status: 402, request_id: 'request-4711' });
    if (!failure.is('insufficient_credits')) throw failure;
    expect(failure.details.missing).toBe('4');
    const wrong = await failureOf(scrip.debit({ ...image(ada.external_id), quantity: '-1' }));
    if (!wrong.is('invalid_request')) throw wrong;
    expect(wrong.details.errors).toMatchObject([{ field: 'quantity' }]);
  });

  test('a budget that is reached is named, with when it starts anew', async () => {
    const ada = await newCustomer(program, 10n);
    await inWorkspace(program.database.connections.app, ada.workspace_id, (trx) =>
      setBudget(trx, ada.wallet_id, {
        of: {},
        period: 'day',
        hard: true,
        limit_amount: 4n * CREDIT,
      }),
    );
    const failure = await failureOf(scrip.debit(image(ada.external_id, '2')));
    if (!failure.is('budget_reached')) throw failure;
    expect(failure.details.blocked_by.period).toBe('day');
    expect(failure.details.resets_at).toMatch(/T00:00:00/);
  });

  test('attack 24: a key stands in no error, and in nothing that shows a client', async () => {
    const secret = `scrip_live_${randomUUID().replaceAll('-', '')}`;
    const refused = new Scrip({ url: program.url, key: secret });
    const nowhere = new Scrip({ url: 'http://127.0.0.1:9', key: secret, retry_milliseconds: 0 });
    const failures = [
      await failureOf(refused.debit(image('somebody'))),
      await failureOf(nowhere.debit(image('somebody'))),
    ];
    expect(failures.map(({ code }) => code)).toEqual(['key_unknown', 'unreachable']);
    const shown = inspect([refused, nowhere, failures], { depth: 10, showHidden: true });
    expect(shown).not.toContain(secret);
    expect(JSON.stringify([refused, failures])).not.toContain(secret);
    const thrown = [
      () => new Scrip({ url: program.url, key: `${secret}\n` }),
      () => new Scrip({ url: `http://somebody:${secret}@localhost`, key: 'key' }),
      () => new Scrip({ url: `file:///${secret}`, key: 'key' }),
    ].map((make) => {
      try {
        return make();
      } catch (error) {
        return error;
      }
    });
    expect(thrown.every((error) => error instanceof TypeError)).toBe(true);
    expect(inspect(thrown)).not.toContain(secret);
  });
});
