import { type Visit } from '../support/browser.ts';
import { bodyOf, newKey, send as ask } from '../support/api.ts';
import type { TestProgram } from '../support/program.ts';
import type { Scene } from './arrivals.ts';

/** A product's customer who has used something, and opens a link. */
export async function asLinked(visit: Visit, program: TestProgram, page: string): Promise<void> {
  const service = await newKey(program);
  const customer = `customer-${performance.now()}`;
  const told = { customer, name: 'Ada Byron', email: 'ada@example.com' };
  await ask(program, service, '/customers', told).expect(200);
  const welcome = { customer, amount: '10', source: 'welcome', description: 'Welcome' };
  await ask(program, service, '/grants', welcome).expect(201);
  const image = { customer, operation: 'image.generate', quantity: '3' };
  const charged = await ask(program, service, '/debits', image).expect(201);
  const path = `/entries/${String(bodyOf(charged)['entry'])}/correct`;
  await ask(program, service, path, { customer, quantity: '2' }).expect(201);
  const link = await ask(program, service, `/customers/${customer}/links`, { page }).expect(201);
  await visit.page.goto(String(bodyOf(link)['url']));
}

/** The pages of customers without an account. */
export const customerScenes: Scene[] = [
  {
    name: 'customer overview',
    says: 'Overview',
    open: (visit, program) => asLinked(visit, program, 'overview'),
  },
  {
    name: 'customer history',
    says: 'History',
    open: (visit, program) => asLinked(visit, program, 'history'),
  },
  {
    name: 'customer buying',
    says: 'Buy credits',
    open: (visit, program) => asLinked(visit, program, 'buy'),
  },
  {
    name: 'customer entry',
    says: 'Image',
    open: async (visit, program) => {
      await asLinked(visit, program, 'history');
      await visit.page.getByRole('link', { name: 'Image', exact: true }).first().click();
      await visit.page.getByText('What it cost').waitFor();
    },
  },
  {
    name: 'customer leaves',
    says: 'The pages are closed',
    open: async (visit, program) => {
      await asLinked(visit, program, 'overview');
      await visit.page.locator('.acct summary').click();
      await visit.page.getByRole('button', { name: 'Close these pages' }).click();
      await visit.page.getByText('The pages are closed').waitFor();
    },
  },
  {
    name: 'customer link that is not whole',
    says: 'This link is not whole',
    open: ({ page }) => page.goto('/c?link=nothing'),
  },
];
