import { expect } from 'vitest';
import type { Visit } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { control, order } from '../support/purchases.ts';
import { type Scene, asNewCustomer } from './arrivals.ts';

const RECEIPT = '550 credits have arrived';

/** Somebody who has bought and looks at the mails of this installation. */
async function atOutbox(visit: Visit, program: TestProgram): Promise<void> {
  const customer = await asNewCustomer(visit, program, '');
  const { session_id } = await order(program, customer, 'professional');
  await control(program, `/sessions/${session_id}/pay`, {});
  await visit.page.getByRole('link', { name: 'Outbox' }).click();
  // Mails are written by a job: the receipt may come after the page.
  const receipt = visit.page.getByRole('row').filter({ hasText: RECEIPT }).first();
  const isKept = async (): Promise<boolean> => {
    await visit.page.reload();
    return receipt.getByText('Kept here').isVisible();
  };
  await expect.poll(isKept, { timeout: 30_000 }).toBe(true);
}

/** What the receipt looks like, and where it stands. */
export const mailScenes: Scene[] = [
  { name: 'outbox', says: 'Outbox', open: atOutbox },
  {
    name: 'outbox mail',
    says: RECEIPT,
    open: async (visit, program) => {
      await atOutbox(visit, program);
      await visit.page.getByRole('link', { name: RECEIPT }).first().click();
      await visit.page.frameLocator('iframe').getByText('See the payment').waitFor();
    },
  },
];
