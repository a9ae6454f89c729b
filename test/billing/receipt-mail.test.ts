import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const mailsTo = (address: string) =>
  program.database.query<{ subject: string; text: string; kind: string }>(
    "select kind, subject, text from mails where to_address = $1 and kind <> 'address.verify'",
    [address],
  );

test('whoever paid is told once what came, what it cost and where that is written', async () => {
  const ada = await program.signUp();
  const purchase = await order(program, ada, 'professional');
  const event = only(await payHeld(program, purchase), 'checkout.session.completed');
  expect(await mailsTo(ada.email)).toEqual([]);
  await deliver(program, event, 'parallel:3');
  const [mail, ...others] = await mailsTo(ada.email);
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ kind: 'payment.completed', subject: '550 credits have arrived' });
  const page = `/w/${ada.slug}/payments/${purchase.payment_id}`;
  for (const said of ['Credits:  500\nBonus:  50\n', 'Paid:  $45.00\n', `scrip.invalid${page}`]) {
    expect(mail?.text).toContain(said);
  }
  const [, number] = /Receipt: {2}(\w+)/.exec(mail?.text ?? '') ?? [];
  expect((await ada.browser.get(page)).text).toContain(number);
});

test('nobody is told of a payment whose buyer is gone', async () => {
  const ada = await program.signUp();
  const event = only(
    await payHeld(program, await order(program, ada)),
    'checkout.session.completed',
  );
  await program.database.query('update people set deactivated_at = now() where email = $1', [
    ada.email,
  ]);
  await deliver(program, event);
  expect(await ada.available()).toBe(150_000_000n);
  expect(await mailsTo(ada.email)).toEqual([]);
});
