import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { aPurchase, idOf, openShop, press, refusal, type Shop } from './stripe-shop.ts';

/** A purchase of 10 euros that is paid; answers its PaymentIntent with the charge. */
async function paid(shop: Shop): Promise<{ intent: string; charge: string; session: string }> {
  const { sessions } = shop.stripe.checkout;
  const made = await sessions.create(aPurchase());
  await press(made, 'pay');
  const { payment_intent } = await sessions.retrieve(made.id);
  const intent = await shop.stripe.paymentIntents.retrieve(idOf(payment_intent));
  return { intent: intent.id, charge: idOf(intent.latest_charge), session: made.id };
}

/** The events since the payment, the oldest first. */
async function eventsSince(shop: Shop): Promise<{ type: string; data: Stripe.Event.Data }[]> {
  const { data } = await shop.stripe.events.list({ limit: 100 });
  return data.toReversed().slice(3);
}

const typesSince = async (shop: Shop): Promise<string[]> =>
  (await eventsSince(shop)).map(({ type }) => type);

const idIn = (answer: unknown): string => z.looseObject({ id: z.string() }).parse(answer).id;

describe('refunds', () => {
  test('add up on the charge, and never come to more than was paid', async () => {
    await using shop = await openShop();
    const { refunds, charges } = shop.stripe;
    const { intent, charge } = await paid(shop);
    const part = await refunds.create(
      { payment_intent: intent, amount: 300, reason: 'requested_by_customer' },
      { idempotencyKey: 'refund:1' },
    );
    expect(part).toMatchObject({
      amount: 300,
      charge,
      payment_intent: intent,
      status: 'succeeded',
    });
    expect(await charges.retrieve(charge)).toMatchObject({ amount_refunded: 300, refunded: false });
    expect(await refusal(refunds.create({ charge, amount: 701 }))).toMatchObject({
      param: 'amount',
      message: 'Refund amount (€7.01) is greater than unrefunded amount on charge (€7.00)',
    });
    const rest = await refunds.create({ charge, metadata: { payment_id: '1' } });
    expect(rest).toMatchObject({ amount: 700, metadata: { payment_id: '1' } });
    const whole = await charges.retrieve(charge, { expand: ['refunds'] });
    expect(whole).toMatchObject({ amount_refunded: 1000, refunded: true });
    expect(whole.refunds?.data.map(({ id }) => id)).toEqual([rest.id, part.id]);
    expect((await refusal(refunds.create({ charge }))).code).toBe('charge_already_refunded');
    expect((await refunds.list({ payment_intent: intent })).data).toHaveLength(2);
    const events = await eventsSince(shop);
    expect(events.map(({ type }) => type)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.created',
      'charge.refunded',
    ]);
    expect(events[1]?.data.object).toMatchObject({ id: charge, amount_refunded: 300 });
  });

  test('that fail give the amount back to the charge, also after they had succeeded', async () => {
    await using shop = await openShop();
    const { refunds, charges } = shop.stripe;
    const { charge } = await paid(shop);
    await shop.control('/settings', { refunds_pending: true });
    const first = await refunds.create({ charge, amount: 400 });
    const second = await refunds.create({ charge, amount: 500 });
    expect(first).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    expect((await charges.retrieve(charge)).amount_refunded).toBe(900);
    await shop.control(`/refunds/${first.id}/settle`, { succeeds: true });
    await shop.control(`/refunds/${second.id}/settle`, { succeeds: false });
    expect((await refunds.retrieve(first.id)).status).toBe('succeeded');
    expect(await refunds.retrieve(second.id)).toMatchObject({
      failure_reason: 'expired_or_canceled_card',
      status: 'failed',
    });
    expect((await charges.retrieve(charge)).amount_refunded).toBe(400);
    await shop.control(`/refunds/${first.id}/settle`, { succeeds: false });
    expect(await charges.retrieve(charge)).toMatchObject({ amount_refunded: 0, refunded: false });
    const events = (await eventsSince(shop)).slice(4);
    expect(events.map(({ type }) => type)).toEqual([
      'refund.updated',
      'charge.refund.updated',
      'refund.failed',
      'refund.updated',
      'charge.refund.updated',
      'refund.failed',
      'refund.updated',
      'charge.refund.updated',
    ]);
    expect(events[6]?.data.previous_attributes).toEqual({ status: 'succeeded' });
    const again = shop.control(`/refunds/${first.id}/settle`, { succeeds: true });
    await expect(again).rejects.toThrow('This refund is failed already.');
  });

  test('are cancelled only while they wait for the customer; their metadata change', async () => {
    await using shop = await openShop();
    const { refunds, charges } = shop.stripe;
    const { session, charge } = await paid(shop);
    const id = idIn(await shop.control('/refunds', { session, amount: 250 }));
    expect((await refunds.update(id, { metadata: { a: '1' } })).metadata).toEqual({ a: '1' });
    expect((await refusal(refunds.cancel(id))).statusCode).toBe(400);
    await shop.control(`/refunds/${id}/settle`, { status: 'requires_action' });
    expect((await refunds.cancel(id)).status).toBe('canceled');
    expect((await charges.retrieve(charge)).amount_refunded).toBe(0);
    expect((await refusal(refunds.create({}))).code).toBe('parameter_missing');
    const open = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    const nothing = await refusal(refunds.create({ payment_intent: open.id }));
    expect(nothing.message).toContain('does not have a successful charge to refund');
  });
});

describe('disputes', () => {
  test('take the money, and give it back when they are won', async () => {
    await using shop = await openShop();
    const { charges, disputes, refunds } = shop.stripe;
    const { charge, intent } = await paid(shop);
    const id = idIn(await shop.control('/disputes', { charge }));
    expect(await disputes.retrieve(id, { expand: ['charge'] })).toMatchObject({
      amount: 1000,
      charge: { id: charge, disputed: true },
      is_charge_refundable: false,
      payment_intent: intent,
      reason: 'fraudulent',
      status: 'needs_response',
    });
    expect((await refusal(refunds.create({ charge }))).code).toBe('charge_disputed');
    const twice = shop.control('/disputes', { payment_intent: intent });
    await expect(twice).rejects.toThrow('has an open dispute already');
    await shop.control(`/disputes/${id}/close`, { status: 'won' });
    const { data } = await disputes.list({ payment_intent: intent });
    expect(data).toMatchObject([{ id, status: 'won', is_charge_refundable: true }]);
    expect((await charges.retrieve(charge)).disputed).toBe(true);
    expect((await refunds.create({ charge })).amount).toBe(1000);
    expect((await typesSince(shop)).slice(0, 4)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
  });

  test('that are lost stay lost, and their charge is not refunded', async () => {
    await using shop = await openShop();
    const { session, charge } = await paid(shop);
    const order = { session, amount: 400, reason: 'product_not_received' };
    const id = idIn(await shop.control('/disputes', order));
    await shop.control(`/disputes/${id}/update`, { status: 'under_review' });
    await shop.control(`/disputes/${id}/close`, { status: 'lost' });
    const won = shop.control(`/disputes/${id}/close`, { status: 'won' });
    await expect(won).rejects.toThrow('A dispute that is lost cannot become won.');
    const error = await refusal(shop.stripe.refunds.create({ charge, amount: 100 }));
    expect(error.code).toBe('charge_disputed');
    expect(await typesSince(shop)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
    ]);
  });

  test('that are inquiries take no money until they become disputes', async () => {
    await using shop = await openShop();
    const { charge } = await paid(shop);
    const first = idIn(await shop.control('/disputes', { charge, warning: true }));
    expect((await shop.stripe.disputes.retrieve(first)).status).toBe('warning_needs_response');
    await shop.stripe.refunds.create({ charge, amount: 100 });
    await shop.control(`/disputes/${first}/close`, { status: 'warning_closed' });
    const second = idIn(await shop.control('/disputes', { charge, warning: true }));
    await shop.control(`/disputes/${second}/update`, { status: 'needs_response' });
    expect((await shop.stripe.disputes.retrieve(second)).amount).toBe(900);
    expect(await typesSince(shop)).toEqual([
      'charge.dispute.created',
      'refund.created',
      'charge.refunded',
      'charge.dispute.closed',
      'charge.dispute.created',
      'charge.dispute.updated',
      'charge.dispute.funds_withdrawn',
    ]);
  });
});
