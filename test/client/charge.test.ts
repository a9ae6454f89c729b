import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ChargedRequest,
  type ChargedResponse,
  Scrip,
  ScripError,
  chargeOf,
  charges,
} from '../../client/index.ts';
import { addOperation } from '../../src/pricing/price-book.ts';
import { newCustomer, newKey } from '../support/api.ts';
import { type Product, chargedProduct } from '../support/charged-app.ts';
import type { TestProgram } from '../support/program.ts';

/** What a price is counted in. */
const CREDIT_PICO = 10n ** 12n;

let product: Product;
let program: TestProgram;
beforeAll(async () => {
  product = await chargedProduct();
  program = product.program;
});
afterAll(() => product.stop());

/** Images cost 3 each. */
const images = (quantity: string) => product.charge({ operation: 'image.generate', quantity });

describe('I6: charge()', () => {
  test('holds before the handler, and charges when the answer is out', async () => {
    const ada = await newCustomer(program, 10n);
    const seen: unknown[] = [];
    const app = await product.serve((routes) =>
      routes.post('/', images('2'), async (_req, res) => {
        seen.push(await ada.stored());
        res.status(201).send('drawn');
      }),
    );
    expect(await product.ask(app, '/', ada)).toMatchObject({ status: 201, text: 'drawn' });
    expect(seen).toEqual([[4, 6, 0]]);
    expect(await ada.stored()).toEqual([4, 0, 0]);
    expect(await product.kindsOf(ada)).toEqual(['grant', 'hold', 'capture']);
  });

  test('charges what the handler says was used, and nothing for nothing', async () => {
    const ada = await newCustomer(program, 20n);
    const app = await product.serve((routes) =>
      routes.post('/:used', images('3'), (req, res) => {
        chargeOf(res).used('2');
        chargeOf(res).used(String(req.params['used']));
        res.send('drawn');
      }),
    );
    await product.ask(app, '/1', ada);
    expect(await ada.stored()).toEqual([17, 0, 0]);
    await product.ask(app, '/0', ada);
    expect(await ada.stored()).toEqual([17, 0, 0]);
    expect((await product.ask(app, '/-1', ada)).status).toBe(500);
    expect(await ada.stored()).toEqual([17, 0, 0]);
  });

  test('charges what was used above the hold as the wallet allows: the hold, or more', async () => {
    const [ada, bob] = [await newCustomer(program, 10n), await newCustomer(program, 10n)];
    await program.database.query(`update wallets set capture_above_hold = 'debit' where id = $1`, [
      bob.wallet_id,
    ]);
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), (_req, res) => {
        chargeOf(res).used(3);
        res.send('drawn');
      }),
    );
    await product.ask(app, '/', ada);
    expect(await ada.stored()).toEqual([7, 0, 0]);
    await product.ask(app, '/', bob);
    expect(await bob.stored()).toEqual([1, 0, 0]);
    expect(product.faults).toEqual([]);
  });

  test('charges components that are measured by themselves', async () => {
    const ada = await newCustomer(program, 10n);
    const component = { unit: 'token', charge: 'per_unit' } as const;
    await program.database.connections.app.transaction().execute((trx) =>
      addOperation(trx, {
        ...{ code: 'text.answer', name: 'Answer', description: 'By the token', unit: 'answer' },
        ...{ position: 20, made_by: 'test' },
        components: [
          { ...component, code: 'read', label: 'Token read', price_pico: CREDIT_PICO / 100n },
          { ...component, code: 'written', label: 'Token written', price_pico: CREDIT_PICO / 10n },
        ],
      }),
    );
    const most = { quantity: 1, components: { read: 100, written: 50 } };
    const app = await product.serve((routes) =>
      routes.post('/', product.charge({ operation: 'text.answer', ...most }), async (_req, res) => {
        expect(await ada.stored()).toEqual([4, 6, 0]);
        chargeOf(res).used(1, { read: '40', written: 16 });
        res.send('answered');
      }),
    );
    expect(await product.ask(app, '/', ada)).toMatchObject({ status: 200 });
    expect(await ada.stored()).toEqual([8, 0, 0]);
  });

  test('gives all back when the handler fails, throws or is refused by another', async () => {
    const ada = await newCustomer(program, 10n);
    const app = await product.serve((routes) => {
      routes.post('/refused', images('1'), (_req, res) => {
        res.status(422).send('no');
      });
      routes.post('/throws', images('1'), () => {
        throw new Error('out of paint');
      });
      routes.post('/rejects', images('1'), async () => Promise.reject(new Error('out of paper')));
    });
    const statuses = [];
    for (const path of ['/refused', '/throws', '/rejects']) {
      statuses.push((await product.ask(app, path, ada)).status);
    }
    expect(statuses).toEqual([422, 500, 500]);
    expect(await ada.stored()).toEqual([10, 0, 0]);
  });

  test('who has too few credits is told what is missing, and the handler does not run', async () => {
    const ada = await newCustomer(program, 2n);
    let ran = 0;
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), (_req, res) => {
        ran++;
        res.end();
      }),
    );
    const { status, headers, text } = await product.ask(app, '/', ada);
    expect([status, ran]).toEqual([402, 0]);
    expect(headers.get('Content-Type')).toBe('application/problem+json');
    const problem = { code: 'insufficient_credits', missing: '1', required: '3', balance: '2' };
    expect(JSON.parse(text)).toMatchObject(problem);
  });

  test('what is wrong between product and Scrip is no fault of the user, and names no key', async () => {
    const ada = await newCustomer(program, 10n);
    const key = await newKey(program, { scopes: ['debits:write'] });
    const wrong = charges({
      scrip: new Scrip({ url: program.url, key }),
      whose: () => ({ customer: ada.external_id }),
      on_fault: () => undefined,
    });
    const away = charges({
      scrip: new Scrip({ url: 'http://127.0.0.1:9', key, retry_milliseconds: 0 }),
      whose: () => ({ customer: ada.external_id }),
      on_fault: () => undefined,
    });
    const order = { operation: 'image.generate', quantity: 1 };
    const app = await product.serve((routes) => {
      routes.post('/wrong', wrong(order));
      routes.post('/away', away(order));
    });
    const refused = await product.ask(app, '/wrong', ada);
    expect(refused.status).toBe(500);
    expect(refused.text).not.toContain(key);
    const unreachable = await product.ask(app, '/away', ada);
    expect(unreachable).toMatchObject({ status: 503 });
    expect(unreachable.headers.get('Retry-After')).toBe('5');
    expect(JSON.parse(unreachable.text)).toMatchObject({ code: 'credits_unavailable' });
  });

  test('an app says in its own way what a success is, who a request is, and what is refused', async () => {
    const ada = await newCustomer(program, 4n);
    const own = charges({
      scrip: new Scrip({ url: program.url, key: await newKey(program) }),
      whose: () => ({ customer: ada.external_id }),
      on_fault: () => undefined,
      refuse: (error, req, res, next) => {
        if (req.get('X-User') === 'nobody') throw new Error('no page for nobody');
        if (error instanceof ScripError) res.writeHead(error.status, {}).end(error.code);
        else next(error);
      },
    });
    const order = {
      ...{ operation: 'image.generate', quantity: '1' },
      key: (req: ChargedRequest) => req.get('X-Request'),
      is_success: (res: ChargedResponse) => res.statusCode === 418,
    };
    const app = await product.serve((routes) =>
      routes.post('/:status', own(order), (req, res) => {
        res.status(Number(req.params['status'])).end('tea');
      }),
    );
    const ask = async (path: string, headers: Record<string, string>): Promise<string> => {
      const answer = await fetch(`${app.url}${path}`, { method: 'POST', headers });
      await own.idle();
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await ask('/200', { 'X-Request': 'one' })).toBe('200 tea');
    expect(await ada.stored()).toEqual([4, 0, 0]);
    expect(await ask('/418', { 'X-Request': 'one' })).toBe('418 tea');
    expect(await ask('/418', { 'X-Request': 'one' })).toBe('409 already_charged');
    expect(await ask('/418', { 'X-Request': 'two' })).toBe('402 insufficient_credits');
    expect(await ask('/418', { 'X-User': 'nobody' })).toMatch(/^500 /);
    expect(await ada.stored()).toEqual([1, 0, 0]);
  });

  test('a link that loses answers charges once', async () => {
    const ada = await newCustomer(program, 10n);
    const app = await product.serve((routes) =>
      routes.post('/', images('1'), (_req, res) => {
        product.link.meet('lose', 'dawdle', 'cut', { status: 503, retry_after: '0' });
        res.send('drawn');
      }),
    );
    product.link.meet('cut', 'dawdle');
    expect(await product.ask(app, '/', ada)).toMatchObject({ status: 200 });
    expect(await product.kindsOf(ada)).toEqual(['grant', 'hold', 'capture']);
    expect(await ada.stored()).toEqual([7, 0, 0]);
  });
});
