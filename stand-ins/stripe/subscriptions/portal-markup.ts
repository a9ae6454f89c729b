import type Stripe from 'stripe';
import { formatMinor } from '../currencies.ts';
import { documentOf, escape } from '../markup.ts';
import { cardChoices } from '../payment-markup.ts';
import { everyOf } from './checkout-texts.ts';
import { nameOfCard } from './invoice-markup.ts';
import { amountOf } from './lines.ts';
import type { Invoice, Subscription } from './objects.ts';
import { dayText } from './periods.ts';
import { periodOf } from './subscriptions.ts';

export interface PortalView {
  session: Stripe.BillingPortal.Session;
  subscriptions: readonly { subscription: Subscription; name: string }[];
  card: Stripe.PaymentMethod | undefined;
  /** The newest first. */
  invoices: readonly Invoice[];
}

/** The portal of one customer as HTML. */
export function renderPortal(view: PortalView): string {
  const { session, subscriptions } = view;
  const at = `/p/session/${escape(session.id)}`;
  const back =
    session.return_url === null
      ? ''
      : `<p><a href="${escape(session.return_url)}">Back to the shop</a></p>`;
  return documentOf(
    'Your subscriptions',
    `<h1>Your subscriptions</h1>
${back}
${subscriptions.length === 0 ? '<p>There is none.</p>' : ''}
${subscriptions.map((one) => subscriptionPart(one, at)).join('\n')}
${cardPart(view, at)}
${invoicesPart(view.invoices)}`,
  );
}

function subscriptionPart(
  { subscription, name }: PortalView['subscriptions'][number],
  at: string,
): string {
  const items = subscription.items.data;
  const amount = items.reduce((sum, item) => sum + amountOf(item), 0);
  const price = `${formatMinor(amount, subscription.currency)} ${everyOf(items)}`;
  const ends = subscription.cancel_at_period_end;
  const button = ends
    ? `<button formaction="${at}/keep">Keep it</button>`
    : `<button>Cancel at the end of the period</button>`;
  return `<section>
<h2>${escape(name)}</h2>
<p>${escape(price)}</p>
<p>${escape(standing(subscription))}</p>
<form method="post" action="${at}/cancel">
<input type="hidden" name="subscription" value="${escape(subscription.id)}">
<div class="actions">${button}</div>
</form>
</section>`;
}

function standing(subscription: Subscription): string {
  const end = dayText(periodOf(subscription).end);
  if (subscription.cancel_at_period_end) return `Ends on ${end}.`;
  if (subscription.status === 'trialing') return `On trial until ${end}.`;
  const renewal = `Renews on ${end}.`;
  return subscription.status === 'past_due' ? `The last payment failed. ${renewal}` : renewal;
}

function cardPart({ card }: PortalView, at: string): string {
  return `<section>
<h2>The card</h2>
<p>${card === undefined ? 'No card is kept.' : escape(nameOfCard(card))}</p>
<details>
<summary>Change the card</summary>
<form method="post" action="${at}/card">
<fieldset>
<legend>The card that pays from now on</legend>
${cardChoices()}
</fieldset>
<div class="actions"><button>Keep this card</button></div>
</form>
</details>
</section>`;
}

const STATUSES = new Map<string, string>([
  ['open', 'to be paid'],
  ['paid', 'paid'],
  ['void', 'given up'],
]);

function invoicesPart(invoices: readonly Invoice[]): string {
  if (invoices.length === 0) return '';
  const rows = invoices.map((invoice) => {
    const status = STATUSES.get(invoice.status ?? '') ?? '';
    const link = `<a href="/i/${escape(invoice.id)}">${escape(invoice.number ?? 'Invoice')}</a>`;
    const day = dayText(invoice.effective_at ?? invoice.created);
    const amount = escape(formatMinor(invoice.total, invoice.currency));
    return `<tr><th scope="row">${link}<small>${day}, ${status}</small></th><td>${amount}</td></tr>`;
  });
  return `<table>
<caption>Invoices</caption>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}
