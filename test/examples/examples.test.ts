import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addOperation } from '../../src/pricing/price-book.ts';
import { type TestCustomer, lapseHolds, newCustomer, newKey } from '../support/api.ts';
import { type Program, run } from '../program/started.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
  await program.database.connections.app.transaction().execute((trx) =>
    addOperation(trx, {
      code: 'text.token',
      name: 'Token',
      description: 'A token of an answer',
      unit: 'token',
      position: 10,
      components: [
        {
          code: 'token',
          label: 'Token',
          unit: 'token',
          charge: 'per_unit',
          price_pico: 10_000_000_000n,
        },
      ],
      made_by: 'test',
    }),
  );
});
afterAll(() => program.stop());

/** An example as somebody starts it at the command line, on any free port. */
function example(name: string, ...more: string[]): Program {
  const settings = { SCRIP_URL: program.url, SCRIP_KEY: service, PORT: '0' };
  return run([`examples/${name}`, ...more], settings);
}

/** An example that serves. */
async function served(name: string): Promise<Program & { url: string }> {
  const started = example(name);
  await started.says('listening on ');
  const port = /listening on (\d+)\./.exec(started.said().out)?.[1];
  return { ...started, url: `http://127.0.0.1:${String(port)}` };
}

function ask(url: string, { external_id }: TestCustomer, key: string = randomUUID()) {
  return fetch(url, { method: 'POST', headers: { 'X-User': external_id, 'Idempotency-Key': key } });
}

/** Ends an example as a supervisor does: what is under way is still charged. */
async function end({ child, ended }: Program): Promise<void> {
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ err: '' });
}

describe('examples', () => {
  test('express-route.ts charges an image once, and refuses who has too few credits', async () => {
    const [ada, eve] = [await newCustomer(program, 10n), await newCustomer(program, 1n)];
    const route = await served('express-route.ts');
    const key = randomUUID();
    const statuses = [];
    statuses.push((await ask(`${route.url}/images`, ada, key)).status);
    statuses.push((await ask(`${route.url}/images`, ada, key)).status);
    statuses.push((await ask(`${route.url}/images`, ada)).status);
    statuses.push((await ask(`${route.url}/images`, eve)).status);
    await end(route);
    expect(statuses).toEqual([201, 409, 201, 402]);
    expect(await ada.stored()).toEqual([4, 0, 0]);
    expect(await eve.stored()).toEqual([1, 0, 0]);
  });

  test('streaming-route.ts charges each token that was streamed', async () => {
    const ada = await newCustomer(program, 10n);
    const route = await served('streaming-route.ts');
    const answer = await ask(`${route.url}/answers?most=25`, ada);
    expect((await answer.text()).trim().split('\n')).toHaveLength(25);
    // An answer is charged once it is out, which its reader does not wait for.
    await vi.waitFor(async () => {
      expect(await ada.stored()).toEqual([9.75, 0, 0]);
    });
    const reader = new AbortController();
    const half = await fetch(`${route.url}/answers?most=900`, {
      method: 'POST',
      headers: { 'X-User': ada.external_id },
      signal: reader.signal,
    });
    await half.body?.getReader().read();
    expect(await ada.stored()).toEqual([0.75, 9, 0]);
    reader.abort();
    await end(route);
    const [available, held] = await ada.stored();
    expect(held).toBe(0);
    expect(available).toBeGreaterThan(0.75);
    expect(available).toBeLessThan(9.75);
  });

  test('background-job.ts charges an order once, however often it is run', async () => {
    const ada = await newCustomer(program, 10n);
    const said = async (): Promise<string> =>
      (await example('background-job.ts', ada.external_id, 'order-7').ended).out;
    expect(await said()).toBe('order-7: 2.5 MB for 0.625 credits\n');
    expect(await said()).toBe('order-7: 2.5 MB for 0.625 credits, as before\n');
    expect(await ada.stored()).toEqual([9.375, 0, 0]);
    const eve = await newCustomer(program, 1n);
    const refused = await example('background-job.ts', eve.external_id, 'order-8').ended;
    expect(refused.out).toBe('order-8: not taken, 4 credits are missing\n');
  });
});

describe('a process that is killed in the middle of a request', () => {
  test('charges nothing: its hold lapses, and the same request can be sent again', async () => {
    const ada = await newCustomer(program, 10n);
    const route = await served('streaming-route.ts');
    const key = randomUUID();
    const answer = await ask(`${route.url}/answers?most=200`, ada, key);
    await answer.body?.getReader().read();
    expect(await ada.stored()).toEqual([8, 2, 0]);
    route.child.kill('SIGKILL');
    await route.ended;
    const other = await served('streaming-route.ts');
    const early = await ask(`${other.url}/answers?most=200`, ada, key);
    expect(await early.json()).toMatchObject({ code: 'request_in_progress' });
    await lapseHolds(program, ada);
    const again = await ask(`${other.url}/answers?most=200`, ada, key);
    expect((await again.text()).trim().split('\n')).toHaveLength(200);
    await end(other);
    expect(await ada.stored()).toEqual([8, 0, 0]);
  });
});
