import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { chargeOf } from '../../client/index.ts';
import { lapseHolds, newCustomer } from '../support/api.ts';
import { type Product, chargedProduct, occasion } from '../support/charged-app.ts';
import type { TestProgram } from '../support/program.ts';

let product: Product;
let program: TestProgram;
beforeAll(async () => {
  product = await chargedProduct();
  program = product.program;
});
afterAll(() => product.stop());

/** Images cost 3 each. */
const images = (quantity: string) => product.charge({ operation: 'image.generate', quantity });

describe('a client that goes away', () => {
  test('before the answer pays nothing, and the handler hears of it', async () => {
    const ada = await newCustomer(program, 10n);
    const [running, left] = [occasion(), occasion()];
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), (_req, res) => {
        chargeOf(res).used(1);
        chargeOf(res).signal.addEventListener('abort', left.come);
        running.come();
      }),
    );
    const request = app.begin('/', { 'X-User': ada.external_id });
    await running.happened;
    request.destroy();
    await left.happened;
    await product.charge.idle();
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });

  test('half way through a stream pays for what was streamed, where the route says so', async () => {
    const ada = await newCustomer(program, 30n);
    const app = await product.serve((routes) => {
      for (const client_leaves of ['capture', 'release'] as const) {
        const order = { operation: 'image.generate', quantity: 5, client_leaves };
        routes.post(`/${client_leaves}`, product.charge(order), (_req, res) => {
          chargeOf(res).used(2);
          res.write('two of five');
        });
      }
    });
    for (const path of ['/capture', '/release']) {
      const opened = await app.open(path, { 'X-User': ada.external_id });
      opened.leave();
      await product.charge.idle();
      expect(await ada.stored()).toEqual([24, 0, 0]);
    }
  });

  test('that is gone before credits are held pays nothing, and no handler runs', async () => {
    const ada = await newCustomer(program, 10n);
    const gone = occasion();
    let ran = 0;
    const app = await product.serve((routes) =>
      routes.post(
        '/',
        (req, res, next) => {
          res.once('close', () => {
            next();
            gone.come();
          });
          req.socket.destroy();
        },
        images('1'),
        (_req, res) => {
          ran++;
          res.end();
        },
      ),
    );
    app.begin('/', { 'X-User': ada.external_id });
    await gone.happened;
    await product.charge.idle();
    expect(ran).toBe(0);
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });
});

describe('work that lasts', () => {
  test('keeps its hold until it is over', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { operation: 'image.generate', quantity: 1, ttl_seconds: 1 };
    const app = await product.serve((routes) =>
      routes.post('/', product.charge(order), async (_req, res) => {
        await vi.waitFor(
          async () => {
            const extensions = (await product.kindsOf(ada)).filter((kind) => kind === 'extension');
            expect(extensions.length).toBeGreaterThanOrEqual(3);
          },
          { timeout: 15_000 },
        );
        res.send('drawn');
      }),
    );
    await product.ask(app, '/', ada);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('whose hold was ended meanwhile is not charged, and somebody is told', async () => {
    const ada = await newCustomer(program, 10n);
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), async (_req, res) => {
        await lapseHolds(program, ada);
        res.send('drawn');
      }),
    );
    await product.ask(app, '/', ada);
    expect(product.faults.splice(0)).toMatchObject([
      { code: 'hold_closed', fault: { doing: 'capture', used: { quantity: '1' } } },
    ]);
  });
});

describe('requests with an Idempotency-Key', () => {
  test('two at once: one is served and charged, the other is told so', async () => {
    const ada = await newCustomer(program, 10n);
    const served = occasion();
    let ran = 0;
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), async (_req, res) => {
        ran++;
        await served.happened;
        res.send('drawn');
      }),
    );
    const headers = { 'X-User': ada.external_id, 'Idempotency-Key': randomUUID() };
    const asked = () => fetch(app.url, { method: 'POST', headers });
    const both = [asked(), asked()];
    const first = await Promise.race(both);
    expect(await first.json()).toMatchObject({ status: 409, code: 'request_in_progress' });
    served.come();
    const answers = await Promise.all(both);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    await product.charge.idle();
    const again = await asked();
    expect(await again.json()).toMatchObject({ status: 409, code: 'already_charged' });
    expect(ran).toBe(1);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });

  test('one that failed can be sent again with its key, not with other content', async () => {
    const ada = await newCustomer(program, 10n);
    let ran = 0;
    const app = await product.serve((routes) => {
      routes.post('/', images('1'), (_req, res) => {
        ran++;
        res.status(ran < 3 ? 500 : 200).end();
      });
      routes.post('/other', images('2'));
    });
    const key = randomUUID();
    const statuses = [];
    for (let tries = 0; tries < 4; tries++)
      statuses.push((await product.ask(app, '/', ada, key)).status);
    expect(statuses).toEqual([500, 500, 200, 409]);
    const other = await product.ask(app, '/other', ada, key);
    expect(JSON.parse(other.text)).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const long = await product.ask(app, '/', ada, 'x'.repeat(201));
    expect(JSON.parse(long.text)).toMatchObject({ status: 400, code: 'idempotency_key_invalid' });
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });
});
