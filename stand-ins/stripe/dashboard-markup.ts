import type Stripe from 'stripe';
import { decimalOf, formatMinor } from './currencies.ts';
import { cardText, documentOf, escape } from './markup.ts';

/** A payment with what was reversed of it, the newest reversal first. */
export interface DashboardPayment {
  charge: Stripe.Charge;
  refunds: readonly Stripe.Refund[];
  disputes: readonly Stripe.Dispute[];
  /** In minor units; 0 when nothing of it can be refunded now. */
  refundable: number;
  /** Whether the owner of the card may dispute it now. */
  disputable: boolean;
}

export interface DashboardView {
  payments: readonly DashboardPayment[];
  /** Unix time in seconds by the clock of this server. */
  now: number;
  refunds_pending: boolean;
  problem: string | undefined;
}

/** The page at `/`: what sellers do in Stripe's dashboard, and what owners of cards and banks do. */
export function renderDashboard(view: DashboardView): string {
  const problem =
    view.problem === undefined
      ? ''
      : `<p class="state bad" role="alert">${escape(view.problem)}</p>\n`;
  const payments =
    view.payments.length === 0
      ? '<p>Nothing was paid yet.</p>'
      : `<ul class="payments">\n${view.payments.map(paymentItem).join('\n')}\n</ul>`;
  return documentOf(
    'Payments',
    `<h1>Payments</h1>
<p class="hint">What a seller does in Stripe's dashboard, and what the owners of cards and their banks do. The shop hears of it by webhooks.</p>
${problem}${payments}
${settingsForm(view)}`,
    true,
  );
}

function paymentItem(payment: DashboardPayment): string {
  const { charge, refunds, disputes } = payment;
  const facts = [
    charge.billing_details.email ?? '',
    cardText(charge),
    timeText(charge.created),
  ].filter((fact) => fact !== '');
  const reversals = [...disputes.map(disputeItem), ...refunds.map(refundItem)];
  const list = reversals.length === 0 ? '' : `\n<ul>\n${reversals.join('\n')}\n</ul>`;
  return `<li id="${charge.id}">
<h2>${escape(formatMinor(charge.amount, charge.currency))} <small>${escape(charge.description ?? '')}</small></h2>
<p class="hint">${facts.map(escape).join(' · ')} · <a href="/receipts/${charge.id}">Receipt</a></p>${list}
${paymentForm(payment)}
</li>`;
}

function paymentForm({ charge, refundable, disputable }: DashboardPayment): string {
  const at = `/payments/${charge.id}`;
  if (refundable === 0 && !disputable) return '';
  const most = decimalOf(refundable || charge.amount - charge.amount_refunded, charge.currency);
  const buttons = [
    ...(refundable > 0 ? [`<button formaction="${at}/refund">Refund</button>`] : []),
    ...(disputable
      ? [
          `<button formaction="${at}/dispute">Dispute</button>`,
          `<button formaction="${at}/inquire" class="quiet">Ask the seller</button>`,
        ]
      : []),
  ];
  return `<form method="post" class="row">
<label>Amount <input name="amount" inputmode="decimal" value="${most}"></label>
${buttons.join('\n')}
</form>`;
}

function disputeItem(dispute: Stripe.Dispute): string {
  const warning = dispute.status.startsWith('warning');
  const name = warning ? 'Inquiry' : 'Dispute';
  const open = ['needs_response', 'under_review'].includes(dispute.status);
  const asked = ['warning_needs_response', 'warning_under_review'].includes(dispute.status);
  const buttons = [
    ...(open ? ['won', 'lost'] : []),
    ...(asked ? ['needs_response', 'warning_closed'] : []),
  ].map((status) => button(`/disputes/${dispute.id}/${status}`, VERDICTS.get(status) ?? status));
  return reversal(name, dispute, buttons);
}

const VERDICTS = new Map([
  ['won', 'The seller wins'],
  ['lost', 'The seller loses'],
  ['needs_response', 'Dispute it'],
  ['warning_closed', 'Close it'],
]);

function refundItem(refund: Stripe.Refund): string {
  const at = `/refunds/${refund.id}`;
  const buttons = [
    ...(refund.status === 'pending' ? [button(`${at}/succeeded`, 'It arrives')] : []),
    ...(refund.status === 'pending' || refund.status === 'succeeded'
      ? [button(`${at}/failed`, 'It fails')]
      : []),
  ];
  return reversal('Refund', refund, buttons);
}

function reversal(
  name: string,
  { amount, currency, status }: { amount: number; currency: string; status: string | null },
  buttons: readonly string[],
): string {
  const text = `${name} of ${formatMinor(amount, currency)}: ${(status ?? '').replace('warning_', '').replaceAll('_', ' ')}`;
  const form =
    buttons.length === 0 ? '' : `\n<form method="post" class="row">${buttons.join('\n')}</form>`;
  return `<li><span>${escape(text)}</span>${form}</li>`;
}

function button(action: string, label: string): string {
  return `<button formaction="${action}">${label}</button>`;
}

function settingsForm({ now, refunds_pending }: DashboardView): string {
  const [state, action, label] = refunds_pending
    ? ['New refunds stay pending.', '/settings/refunds_succeed', 'Let them succeed at once']
    : ['New refunds succeed at once.', '/settings/refunds_pending', 'Let them stay pending'];
  return `<h2>The clock</h2>
<form method="post" class="row">
<span>It is ${timeText(now)}.</span>
${button('/clock/day', 'A day later')}
${button('/clock/week', 'A week later')}
${button('/clock/month', '31 days later')}
</form>
<h2>Refunds</h2>
<form method="post" class="row">
<span>${state}</span>
${button(action, label)}
</form>`;
}

function timeText(at_seconds: number): string {
  return `${new Date(at_seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
