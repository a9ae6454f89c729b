import { randomUUID } from 'node:crypto';
import type { Customer, TestProgram } from './program.ts';
import { deliver, emit, only, order, payHeld } from './purchases.ts';

/** A purchase that was paid and granted, and what Stripe can say of its money later. */
export interface PaidPurchase {
  payment_id: string;
  intent: string;
  /** Tells of the charge, of which so much was refunded in all. */
  charge(amount_refunded: number): Promise<void>;
  refund(id: string, amount: number, status: string, type?: string): Promise<void>;
  dispute(type: string, status: string, amount?: number): Promise<void>;
  /** How the payment stands, and how much was taken back of each of its lots. */
  state(): Promise<PaymentState>;
}

export interface PaymentState {
  status: string;
  refunded_minor: string;
  /** What was clawed back of each lot, less what was reinstated, in their order. */
  clawed: string[];
}

/** Buys Professional, 500 credits and 50 of bonus for $45.00, and has it granted. */
export async function paidPurchase(
  program: TestProgram,
  customer: Customer,
  chosen = 'professional',
): Promise<PaidPurchase> {
  const purchase = await order(program, customer, chosen);
  await deliver(program, only(await payHeld(program, purchase), 'checkout.session.completed'));
  const { payment_id } = purchase;
  const [row] = await program.database.query<{ intent: string; total: string }>(
    'select payment_intent_id as intent, total_minor::text as total from payments where id = $1',
    [payment_id],
  );
  if (row === undefined) throw new Error('the purchase was not granted');
  const { intent } = row;
  const tell = async (type: string, object: object): Promise<void> => {
    await deliver(program, { id: await emit(program, type, object), type });
  };
  const common = { payment_intent: intent, currency: 'usd' };
  return {
    payment_id,
    intent,
    charge: (amount_refunded) =>
      tell('charge.refunded', {
        ...common,
        ...{ id: `ch_${payment_id}`, object: 'charge', amount: Number(row.total) },
        amount_refunded,
        metadata: { scrip_payment: payment_id },
      }),
    refund: (id, amount, status, type = 'refund.updated') =>
      tell(type, { ...common, id: `${id}_${payment_id}`, object: 'refund', amount, status }),
    dispute: (type, status, amount = Number(row.total)) =>
      tell(type, {
        ...common,
        ...{ id: `dp_${payment_id}`, object: 'dispute', amount, status },
        ...{ reason: 'fraudulent', created: 1_790_000_000 },
      }),
    state: async () => {
      const [state] = await program.database.query<PaymentState>(
        `select p.status, p.refunded_minor::text, array(
           select coalesce(t.refunded, 0)::text from lots l
           left join refund_totals t on t.wallet_id = l.wallet_id and t.entry_seq = l.entry_seq
             and t.lot_number = l.number
           where l.payment_id = p.id order by l.number) as clawed
         from payments p where p.id = $1`,
        [payment_id],
      );
      if (state === undefined) throw new Error('the payment has gone');
      return state;
    },
  };
}

/** Spends so many credits, as entries of the ledger. */
export async function spendCredits(
  program: TestProgram,
  customer: Customer,
  amount_micro: bigint,
): Promise<void> {
  const outcome = await program.ledger.execute({
    kind: 'adjustment',
    wallet_id: customer.wallet_id,
    amount_micro: -amount_micro,
    expires_at: null,
    key: { namespace: 'test', key: randomUUID() },
    asked: { actor_kind: 'system' },
    details: { reason: 'spent' },
  });
  if (outcome.outcome === 'refused') throw new Error(outcome.refusal.code);
}
