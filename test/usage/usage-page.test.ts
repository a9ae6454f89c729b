import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Debit } from '../../src/core/commands.ts';
import { ONE_UNIT } from '../../src/core/price-rules.ts';
import { rollUp } from '../../src/ledger/rollups.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { bodyOf, newKey, send } from '../support/api.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000n;

/** Sends messages, at 0.10 credits each. */
async function messages(customer: Customer, count: bigint, more: Partial<Debit> = {}) {
  const operation = await inWorkspace(
    program.database.connections.app,
    customer.workspace_id,
    (trx) => findOperation(trx, customer.workspace_id, 'message.send'),
  );
  if (operation === undefined) throw new Error('no messages are on sale');
  const outcome = await program.ledger.execute({
    kind: 'debit',
    wallet_id: customer.wallet_id,
    operation: operation.code,
    quantity: count * ONE_UNIT,
    rule: operation.rule,
    key: { namespace: 'test', key: newId() },
    asked: { actor_kind: 'job' },
    ...more,
  });
  expect(outcome).toMatchObject({ outcome: 'done' });
}

async function inZone(customer: Customer, zone: string): Promise<void> {
  await program.database.query('update people set time_zone = $2 where email_normalized = $1', [
    customer.email,
    zone,
  ]);
}

/** The page's text without its tags, so that what stands beside each other can be compared. */
async function pageOf(customer: Customer, query: string, status = 200): Promise<string> {
  const path = `/w/${customer.slug}/usage${query}`;
  const { text } = await customer.browser.get(path).expect(status);
  return text;
}
const wordsOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('the usage page', () => {
  test('R5: usage is told by operation, key, member and customer, each row leading to its entries', async () => {
    const ada = await program.signUp('Ada Byron');
    const [person] = await program.database.query<{ id: string }>(
      'select id from people where email_normalized = $1',
      [ada.email],
    );
    const actor_id = person?.id ?? '';
    await messages(ada, 10n);
    await messages(ada, 20n, { asked: { actor_kind: 'person', actor_id } });
    await messages(ada, 5n, { asked: { actor_kind: 'job', on_behalf_of: '<user> 42' } });
    const byOperation = await pageOf(ada, '');
    expect(wordsOf(byOperation)).toContain('Spent in 28 days: 3.50');
    expect(wordsOf(byOperation)).toContain('Message 3 charges, 35 messages 3.50 100 %');
    expect(byOperation).toMatch(/history\?from=[\d-]+&amp;to=[\d-]+&amp;operation=message.send/);
    await rollUp(program.database.connections.ledgerJobs);
    const byMember = await pageOf(ada, '?group=member');
    expect(wordsOf(byMember)).toContain('Ada Byron 1 charge 2.00 57.1 %');
    expect(byMember).toContain(`member=${actor_id}&amp;kind=usage`);
    const byCustomer = await pageOf(ada, '?group=customer');
    expect(byCustomer).toContain('&lt;user&gt; 42');
    expect(wordsOf(byCustomer)).toContain('No customer named 2 charges 3.00');
    const narrowed = await pageOf(ada, '?customer=%3Cuser%3E+42&group=key');
    expect(wordsOf(narrowed)).toContain('Spent in 28 days: 0.50');
    expect(wordsOf(narrowed)).toContain('Without a key 1 charge 0.50 100 %');
  });

  test('S11: usage goes with the key of its hold, and what came back is taken off it', async () => {
    const service = await newKey(program);
    const customer = 'usage-of-a-hold';
    const ask = (path: string, body: object) => send(program, service, path, { customer, ...body });
    await ask('/grants', { amount: '50', source: 'promo' }).expect(201);
    const held = await ask('/holds', {
      ...{ operation: 'message.send', quantity: '50', ttl_seconds: 600, on_behalf_of: 'user-7' },
    }).expect(201);
    const path = `/holds/${String(bodyOf(held)['hold_id'])}/capture`;
    const captured = await ask(path, { quantity: '40' }).expect(200);
    await ask('/refunds', { entry: bodyOf(captured)['entry'], amount: '1' }).expect(201);
    const links = `/customers/${customer}/links`;
    const link = await send(program, service, links, { page: 'overview' }).expect(201);
    const visitor = program.browser();
    const { pathname, search } = new URL(String(bodyOf(link)['url']));
    const entered = await visitor.get(pathname + search).expect(303);
    const base = String(entered.headers['location']);
    const page = await visitor.get(`${base}/usage?customer=user-7`).expect(200);
    expect(wordsOf(page.text)).toContain('Spent in 28 days: 3.00');
    expect(wordsOf(page.text)).toContain('Message 1 charge, 40 messages 3.00 100 %');
    // Keys and members are those of the product, and no business of its customers.
    const byKey = await visitor.get(`${base}/usage?group=key`).expect(200);
    expect(byKey.text).not.toContain('By API key');
  });

  test('days are those of the reader: midnight in Kolkata parts two debits of one UTC day', async () => {
    const ada = await program.signUp();
    await inZone(ada, 'Asia/Kolkata');
    await messages(ada, 10n, { occurred_at: at('2025-11-19T18:29:00Z') });
    await messages(ada, 30n, { occurred_at: at('2025-11-19T18:31:00Z') });
    const days = await pageOf(ada, '?from=2025-11-18&to=2025-11-20');
    expect(wordsOf(days)).toMatch(/Wed 19 Nov 1\.00 0\.00 Thu 20 Nov 3\.00 0\.00/);
    expect(wordsOf(await pageOf(ada, '?from=2025-11-20&to=2025-11-20'))).toMatch(
      /Spent in 1 day: 3\.00 .* 200 % more than the 1\.00 of the day before/,
    );
    await inZone(ada, 'UTC');
    expect(wordsOf(await pageOf(ada, '?from=2025-11-18&to=2025-11-20'))).toMatch(
      /Wed 19 Nov 4\.00 0\.00 Thu 20 Nov 0\.00/,
    );
  });

  test('the day on which the clock goes back in Berlin has 25 hours, and all of its usage', async () => {
    const ada = await program.signUp();
    await inZone(ada, 'Europe/Berlin');
    // Half past two comes twice.
    await messages(ada, 10n, { occurred_at: at('2025-10-26T00:30:00Z') });
    await messages(ada, 20n, { occurred_at: at('2025-10-26T01:30:00Z') });
    await messages(ada, 40n, { occurred_at: at('2025-10-26T22:45:00Z') });
    const day = await pageOf(ada, '?from=2025-10-26&to=2025-10-26');
    expect(wordsOf(day)).toContain('Spent in 1 day: 7.00');
    expect(day.match(/<tr><th scope="row"><a [^>]+><time datetime="2025-10-2[56]T/g)).toHaveLength(
      25,
    );
    expect(wordsOf(day)).toMatch(/02:00 1\.00 .*02:00,? again 2\.00/);
  });

  test.each([
    ['?from=2025-11-20&to=2025-11-01', 'Give a day that is not before the first one.'],
    ['?from=2010-01-01&to=2025-11-01', 'Ask for at most ten years at once.'],
    ['?from=2025-02-30', 'Give a day, for example 2026-11-20.'],
    ['?from=2190-01-01', 'Give a day up to today.'],
    ['?key=1', 'Choose one of the list.'],
    ['?operation=a&operation=b', 'Give one value for this field.'],
    ['?customer=%00', 'Give a customer as your product calls it'],
  ])('%s is refused in words at the field', async (query, sentence) => {
    const ada = await program.signUp();
    const page = await pageOf(ada, query, 422);
    expect(page).toContain(sentence);
    expect(page).not.toContain('Spent in');
    const file = await ada.browser.get(`/w/${ada.slug}/usage.csv${query}`).expect(422);
    expect(file.text).toContain(sentence);
  });

  test('ten years are told by months', async () => {
    const ada = await program.signUp();
    const page = wordsOf(await pageOf(ada, '?from=2015-06-01&to=2025-05-31'));
    expect(page).toContain('Nothing was used in these days');
    await messages(ada, 10n, { occurred_at: at('2025-01-31T23:59:59Z') });
    expect(wordsOf(await pageOf(ada, '?from=2015-06-01&to=2025-05-31'))).toContain(
      'January 2025 1.00 0.00 February 2025 0.00',
    );
  });

  test("neither another workspace's page nor its files are there", async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp()];
    await messages(ada, 10n);
    for (const path of ['usage', 'usage.csv', 'usage.json', 'history.csv', 'history.json']) {
      await eve.browser.get(`/w/${ada.slug}/${path}`).expect(404);
    }
  });

  test('htmx gets the part alone, and the address that it has', async () => {
    const ada = await program.signUp();
    const answer = await ada.browser
      .get(`/w/${ada.slug}/usage?from=&to=&range=7&group=member&operation=&customer=`)
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .expect(200);
    expect(answer.text).not.toContain('<html');
    expect(answer.headers['hx-push-url']).toBe(`/w/${ada.slug}/usage?range=7&group=member`);
  });
});
