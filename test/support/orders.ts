import { randomUUID } from 'node:crypto';
import { type Payment, lockPayment, placeOrder } from '../../src/billing/orders.ts';
import { findPackage } from '../../src/billing/packages.ts';
import { type Paid, settle } from '../../src/billing/settlement.ts';
import { type Trx, inWorkspace } from '../../src/lib/database.ts';
import type { Customer, TestProgram } from './program.ts';

/** A pending payment, written without asking Stripe for a page. */
export async function ordered(
  program: TestProgram,
  customer: Customer,
  { livemode = false, code = 'starter' } = {},
): Promise<Payment> {
  const { app } = program.database.connections;
  return inWorkspace(app, customer.workspace_id, async (trx) => {
    const chosen = await findPackage(trx, code, 'USD');
    if (chosen === undefined) throw new Error(`${code} is not on sale`);
    return placeOrder(trx, {
      workspace_id: customer.workspace_id,
      buyer: { kind: 'customer', id: customer.workspace_id },
      package: chosen,
      nonce: randomUUID(),
      provider: 'simulated',
      livemode,
      origin: {},
    });
  });
}

/** Settles a payment as a webhook does; what is paid is what was ordered, and perhaps tax on it. */
export async function settled(
  program: TestProgram,
  payment: Payment,
  { tax_minor = 0n, then }: { tax_minor?: bigint; then?: (trx: Trx) => Promise<unknown> } = {},
): Promise<void> {
  const { app } = program.database.connections;
  await inWorkspace(app, payment.workspace_id, async (trx) => {
    const locked = await lockPayment(trx, payment.id);
    if (locked === undefined) throw new Error('the payment has gone');
    const paid: Paid = {
      session_id: `cs_test_${payment.id}`,
      payment_intent_id: `pi_test_${payment.id}`,
      subtotal_minor: payment.subtotal_minor,
      discount_minor: 0n,
      tax_minor,
      total_minor: payment.subtotal_minor + tax_minor,
      currency: payment.currency,
    };
    const { outcome } = await settle(trx, locked, paid);
    if (outcome !== 'completed') throw new Error(`settling was ${outcome}`);
    await then?.(trx);
  });
}
