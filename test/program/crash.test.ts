import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { callControl } from '../stand-ins/stripe-shop.ts';
import {
  type Customer,
  type Server,
  dataFolder,
  query,
  run,
  signUp,
  startServer,
} from './started.ts';

const data = await dataFolder();
let server: Server;
beforeAll(async () => {
  server = await startServer({ DATA_DIR: data });
});
afterAll(async () => {
  await server.stop();
});

/** The program is killed, and started again as before. */
async function killAndStart(): Promise<void> {
  await server.stop('SIGKILL');
  server = await startServer({ DATA_DIR: data, PORT: server.port });
  expect(server.said().out).toContain('An earlier run left its database running');
}

/** Beside the running server, as an operator does. */
async function verify(): Promise<void> {
  const ended = await run(['src/cli.ts', 'verify'], { DATA_DIR: data }).ended;
  expect(ended).toMatchObject({ code: 0, out: 'The ledger adds up.\n', err: '' });
}

interface EntryRow {
  kind: string;
  seq: string;
  amount: string;
  available_after: string;
}

function entriesOf({ slug }: Customer, kind: string): Promise<EntryRow[]> {
  return query<EntryRow>(
    data,
    `select e.kind, e.seq, e.amount, e.available_after from entries e
     join wallets w on w.id = e.wallet_id join workspaces s on s.id = w.workspace_id
     where s.slug = $1 and e.kind = $2 order by e.seq`,
    [slug, kind],
  );
}

const Sessions = z.array(z.looseObject({ id: z.string(), url: z.string().nullable() }));
const Events = z.array(z.looseObject({ id: z.string(), type: z.string(), object_id: z.string() }));

/** The page to pay at, and its session at the stand-in. */
interface Order {
  url: string;
  session: string;
}

async function order({ browser, slug }: Customer): Promise<Order> {
  const form = { package: 'starter', nonce: randomUUID() };
  const answer = await browser.post(`/w/${slug}/buy`).type('form').send(form).expect(303);
  const url = String(answer.headers['location']);
  const sessions = Sessions.parse(await callControl(new URL(url).origin, '/sessions'));
  const session = sessions.find((one) => one.url === url)?.id;
  if (session === undefined) throw new Error(`no session has the page ${url}`);
  return { url, session };
}

describe('a program that is killed between payment and webhook', () => {
  let ada: Customer, grace: Customer;
  let origin: string, held: Order, open: Order;
  beforeAll(async () => {
    ada = await signUp(server.browser());
    grace = await signUp(server.browser());
    held = await order(ada);
    const late = await order(grace);
    open = await order(grace);
    origin = new URL(held.url).origin;
    await callControl(origin, `/sessions/${held.session}/pay`, { delivery: { hold: true } });
    await callControl(origin, `/sessions/${late.session}/pay`, { delivery: { delay_ms: 200 } });
    await killAndStart();
  });

  test('grants after the next start, exactly once however often the webhook comes', async () => {
    expect(await entriesOf(ada, 'grant')).toHaveLength(1);
    const events = Events.parse(await callControl(origin, '/events'));
    const [paid] = events.filter(({ object_id }) => object_id === held.session);
    for (const mode of ['once', 'parallel:5', 'distinct:3']) {
      await callControl(origin, `/events/${paid?.id ?? ''}/deliver`, { mode });
    }
    const grants = await entriesOf(ada, 'grant');
    expect(grants.map(({ amount, available_after }) => [amount, available_after])).toEqual([
      ['50000000', '50000000'],
      ['100000000', '150000000'],
    ]);
  });

  test('is told again by itself of what was on its way, and its pages to pay at stay good', async () => {
    const page = await fetch(open.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Starter')]);
    const granted = async (): Promise<number> => (await entriesOf(grace, 'grant')).length;
    await expect.poll(granted, { timeout: 15_000, interval: 100 }).toBe(2);
    await callControl(origin, `/sessions/${open.session}/pay`, {});
    await expect.poll(granted, { timeout: 15_000, interval: 100 }).toBe(3);
    await verify();
  });
});

describe('a program that is killed during a burst of spends', () => {
  test('has written what it answered, and forms sent again are no second entry', async () => {
    const customers = await Promise.all(Array.from({ length: 4 }, () => signUp(server.browser())));
    const forms = Array.from({ length: 100 }, (_, index) => ({
      customer: customers[index % customers.length],
      nonce: randomUUID(),
    }));
    const send = async ({ customer, nonce }: (typeof forms)[number]): Promise<string> => {
      const answer = await fetch(`${server.url}/w/${customer?.slug ?? ''}/use`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: customer?.cookie ?? '', origin: server.url },
        body: new URLSearchParams({ operation: 'message.send', quantity: '1', nonce }),
      });
      return `${answer.status} ${answer.headers.get('location') ?? ''}`;
    };
    const answered = new Map<(typeof forms)[number], string>();
    const killed = forms.map(async (form) => {
      const answer = await send(form).catch(() => undefined);
      if (answer !== undefined) answered.set(form, answer);
      if (answered.size === 20) server.child.kill('SIGKILL');
    });
    await Promise.all(killed);
    expect(answered.size).toBeGreaterThanOrEqual(20);
    expect(answered.size).toBeLessThan(forms.length);
    for (const answer of answered.values()) expect(answer).toMatch(/^303 .*outcome=charged$/);

    await killAndStart();
    const again = new Map<(typeof forms)[number], string>();
    for (const form of forms) again.set(form, await send(form));
    for (const [form, answer] of answered) {
      expect(again.get(form)).toBe(answer.replace('outcome=charged', 'outcome=replayed'));
    }
    for (const customer of customers) {
      const debits = await entriesOf(customer, 'debit');
      expect(debits).toHaveLength(25);
      expect(debits.at(-1)?.available_after).toBe('47500000');
    }
    await verify();
  });
});
