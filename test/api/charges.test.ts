import { randomUUID } from 'node:crypto';
import express, { type Express, type Request } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Charger, type Fault, chargeOf } from '../../client/index.ts';
import { chargesInside } from '../../src/api/charges.ts';
import { catalogueReader } from '../../src/lib/catalogue-versions.ts';
import { errorAnswers } from '../../src/lib/error-answers.ts';
import { createLog } from '../../src/lib/log.ts';
import { workspaceScope } from '../../src/workspaces/scope.ts';
import { type ChargedApp, occasion, serveApp } from '../support/charged-app.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
let charge: Charger<Request>;
const faults: Fault[] = [];
const apps: ChargedApp[] = [];
beforeAll(async () => {
  program = await testProgram({ buying: false });
  charge = chargesInside({
    connections: program.database.connections,
    ledger: program.ledger,
    onFault: (_error, fault) => faults.push(fault),
  });
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await program.stop();
  expect(faults).toEqual([]);
});

/** Routes of a product inside of Scrip, as somebody meets them who is signed in. */
async function serve(customer: Customer, routes: (app: Express) => void): Promise<ChargedApp> {
  const { database } = program;
  const [person] = await database.query<Express.User>(
    'select id, email, name, staff_role, time_zone, locale from people where email = $1',
    [customer.email],
  );
  if (person === undefined) throw new Error('nobody has signed up');
  const app = express();
  app.use((req, _res, next) => {
    req.user = person;
    next();
  });
  const { connections } = database;
  const catalogue = catalogueReader(connections.staff);
  app.use('/w/:slug', workspaceScope({ connections, catalogue }));
  routes(app);
  app.use(errorAnswers(createLog('silent')));
  const served = await serveApp(app);
  apps.push(served);
  return served;
}

async function ask(app: ChargedApp, { slug }: Customer, path = '', key: string = randomUUID()) {
  const headers = { 'Idempotency-Key': key, Accept: 'application/json' };
  const answer = await fetch(`${app.url}/w/${slug}${path}`, { method: 'POST', headers });
  const text = await answer.text();
  await charge.idle();
  return { status: answer.status, text };
}

/** Images cost 3 each, and somebody new has 50. */
const images = (quantity: string) => charge({ operation: 'image.generate', quantity });

describe('charge() inside of Scrip', () => {
  test('charges the workspace for what was used, once for each key', async () => {
    const ada = await program.signUp();
    const app = await serve(ada, (routes) =>
      routes.post('/w/:slug', images('3'), (_req, res) => {
        chargeOf(res).used(2);
        res.send('drawn');
      }),
    );
    const key = randomUUID();
    expect(await ask(app, ada, '', key)).toEqual({ status: 200, text: 'drawn' });
    const again = await ask(app, ada, '', key);
    expect(JSON.parse(again.text)).toMatchObject({ status: 409, code: 'already_charged' });
    expect(await ada.available()).toBe(44n * CREDIT);
    const [entry] = await program.database.query(
      `select e.actor_kind, p.email from entries e join people p on p.id = e.actor_id
       where e.wallet_id = $1 and e.kind = 'capture'`,
      [ada.wallet_id],
    );
    expect(entry).toMatchObject({ email: ada.email });
  });

  test('gives all back when a handler throws, and refuses who has too few credits', async () => {
    const ada = await program.signUp();
    const app = await serve(ada, (routes) => {
      routes.post('/w/:slug/throws', images('1'), () => {
        throw new Error('out of paint');
      });
      routes.post('/w/:slug/dear', images('20'), (_req, res) => {
        res.send('drawn');
      });
    });
    expect((await ask(app, ada, '/throws')).status).toBe(500);
    const refused = await ask(app, ada, '/dear');
    expect(JSON.parse(refused.text)).toMatchObject({ status: 402, missing: '10' });
    expect(await ada.available()).toBe(50n * CREDIT);
  });

  test('gives all back when the client goes away', async () => {
    const ada = await program.signUp();
    const [running, left] = [occasion(), occasion()];
    const app = await serve(ada, (routes) =>
      routes.post('/w/:slug', images('1'), (_req, res) => {
        chargeOf(res).signal.addEventListener('abort', left.come);
        running.come();
      }),
    );
    const request = app.begin(`/w/${ada.slug}`);
    await running.happened;
    request.destroy();
    await left.happened;
    await charge.idle();
    expect(await ada.available()).toBe(50n * CREDIT);
  });
});
