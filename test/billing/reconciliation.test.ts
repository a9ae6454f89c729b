import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, deliver, only, order, payHeld } from '../support/purchases.ts';
import { reconciled } from '../support/reconciling.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

const PAID = 150_000_000n;
const UNPAID = 50_000_000n;

async function statusOf(paymentId: string): Promise<string | undefined> {
  const [row] = await program.database.query<{ status: string }>(
    'select status from payments where id = $1',
    [paymentId],
  );
  return row?.status;
}

describe('the reconciler', () => {
  test('attack 41: what was paid and never told is granted once, also beside its webhook', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada);
    const completed = only(await payHeld(program, purchase), 'checkout.session.completed');
    expect(await ada.available()).toBe(UNPAID);
    const [run] = await Promise.all([reconciled(program), deliver(program, completed)]);
    expect(run).toMatchObject({ findings: [], agrees: true });
    expect(await ada.available()).toBe(PAID);
    await deliver(program, completed, 'distinct:3');
    expect(await reconciled(program)).toMatchObject({ changed: 0, agrees: true });
    expect(await ada.available()).toBe(PAID);
  });

  test('what expired at the payment page is closed', async () => {
    const ada = await program.signUp();
    const left = await order(program, ada);
    await control(program, `/sessions/${left.session_id}/expire`, {});
    expect(await reconciled(program)).toMatchObject({ changed: 1, agrees: true });
    expect(await statusOf(left.payment_id)).toBe('cancelled');
  });
});
