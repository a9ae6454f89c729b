import { buyerFields } from './buyer-fields.ts';
import { formatMinor } from './currencies.ts';
import { totalsOf } from './line-items.ts';
import { documentOf, escape } from './markup.ts';
import { wantsCard } from './payments.ts';
import type { Checkout, LineItem, Settings } from './state.ts';
import { subscriptionTexts, type SubscriptionTexts } from './subscriptions/checkout-texts.ts';
import { TEST_CARDS } from './test-cards.ts';

export interface PaymentView {
  checkout: Checkout;
  /** The lines as they would be paid now. */
  items: readonly LineItem[];
  declined: boolean;
  /** What was entered before and refused, and why. */
  fields: URLSearchParams;
  problem: string | undefined;
  success_url: string;
  settings: Settings;
}

const TITLES = new Map<string, string>([
  ['complete', 'Paid'],
  ['expired', 'Expired'],
]);

/** The whole payment page as HTML; every text of others is escaped. */
export function renderPayment(view: PaymentView): string {
  const { session } = view.checkout;
  if (session.mode === 'setup') {
    const title = session.status === 'complete' ? 'Card saved' : 'Save a card';
    return documentOf(title, `<h1>${title}</h1>\n${stateOf(view)}`);
  }
  const subscription = subscriptionOf(view);
  const title = TITLES.get(session.status ?? '') ?? (subscription ? 'Subscribe' : 'Pay');
  const total = formatMinor(totalsOf(view.items).amount_total, currencyOf(view), localeOf(view));
  return documentOf(
    title,
    `<h1>${escape(subscription?.heading ?? total)}</h1>\n${orderTable(view)}\n${stateOf(view)}`,
  );
}

/** The page for an address that leads to no session. */
export function renderMissing(): string {
  return documentOf('Not found', '<h1>Not found</h1>\n<p>No checkout has this address.</p>');
}

function orderTable(view: PaymentView): string {
  const { products } = view.checkout;
  const money = (amount: number): string =>
    escape(formatMinor(amount, currencyOf(view), localeOf(view)));
  const rows = view.items.map((item) => {
    const product = products.find((one) => one.id === item.price.product);
    const quantity = item.quantity ?? 1;
    const each =
      quantity > 1 ? `<small>${quantity} × ${money(item.price.unit_amount ?? 0)}</small>` : '';
    const details = product?.description ? `<small>${escape(product.description)}</small>` : '';
    return `<tr><th scope="row">${escape(item.description ?? '')}${details}${each}</th><td>${money(item.amount_subtotal)}</td></tr>`;
  });
  const totals = totalsOf(view.items);
  const tax =
    totals.amount_tax > 0
      ? `<tr><th scope="row">Tax</th><td>${money(totals.amount_tax)}</td></tr>`
      : '';
  return `<table>
<caption>Your order</caption>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot>
${tax}<tr class="total"><th scope="row">Total</th><td>${money(totals.amount_total)}</td></tr>
</tfoot>
</table>`;
}

const DONE = new Map<string, string>([
  ['paid', 'This order is paid.'],
  ['unpaid', 'This order is placed; its payment comes later.'],
  ['no_payment_required', 'Nothing was paid.'],
]);

function stateOf(view: PaymentView): string {
  const { session } = view.checkout;
  if (session.status === 'complete') {
    return `<p class="state" role="status">${session.mode === 'setup' ? 'The card is saved. ' : ''}${DONE.get(session.payment_status) ?? ''}</p>
<p><a href="${escape(view.success_url)}">Back to the shop</a></p>`;
  }
  if (session.status === 'expired') {
    return `<p class="state" role="status">This checkout has expired. Nothing was paid.</p>
${backLink(session.cancel_url)}`;
  }
  return payForm(view);
}

function payForm(view: PaymentView): string {
  const { session } = view.checkout;
  const at = `/c/pay/${escape(session.id)}`;
  const declined = view.declined
    ? '<p class="state bad" role="alert">The card was declined. Nothing was paid; you can try again.</p>\n'
    : '';
  const cancel =
    session.cancel_url === null
      ? ''
      : `\n<button formaction="${at}/cancel" class="quiet">Cancel</button>`;
  const problem =
    view.problem === undefined
      ? ''
      : `<p class="state bad" role="alert">${escape(view.problem)}</p>\n`;
  const subscription = subscriptionOf(view);
  const terms = subscription ? `<p>${escape(subscription.terms)}</p>\n` : '';
  const cards = wantsCard(view.checkout)
    ? `<fieldset>\n<legend>The card</legend>\n${cardChoices()}\n</fieldset>${savingOf(view)}\n`
    : '';
  return `${terms}${declined}${problem}<form method="post" action="${at}/pay">
${buyerFields(view.checkout, view.fields)}${cards}<div class="actions">
<button class="main">${session.mode === 'setup' ? 'Save the card' : escape(subscription?.button ?? 'Pay')}</button>
<button formaction="${at}/decline">Decline</button>${cancel}
</div>
<details>
<summary>How the shop hears of it</summary>
<fieldset>
<legend>The webhook comes</legend>
${webhookChoices(view.settings)}
</fieldset>
</details>
</form>`;
}

/** The cards to choose from, all but the one that the button Decline stands for. */
export function cardChoices(preselected = true): string {
  return TEST_CARDS.filter((card) => !card.never_pays)
    .map((card, index) => {
      const checked = preselected && index === 0 ? ' checked' : '';
      const brand = card.brand === 'visa' ? 'Visa' : 'Mastercard';
      return `<label><input type="radio" name="card" value="${card.name}"${checked}> ${brand} ···· ${card.last4} <small>${card.label}</small></label>`;
    })
    .join('\n');
}

function savingOf({ checkout }: PaymentView): string {
  const saved = checkout.session.mode !== 'payment' || checkout.intent_data.setup_future_usage;
  return saved ? '\n<p class="hint">The shop keeps the card and may charge it later.</p>' : '';
}

/** What is paid each time, when it is a subscription that is ordered. */
function subscriptionOf(view: PaymentView): SubscriptionTexts | undefined {
  if (view.checkout.session.mode !== 'subscription') return undefined;
  const { tax_percent } = view.settings;
  return subscriptionTexts(view.checkout, { tax_percent, locale: localeOf(view) });
}

function webhookChoices({ delay_ms, copies, hold }: Settings): string {
  const usual = delay_ms === 0 && copies === 1 && !hold;
  const choices = [
    ...(usual ? [] : [['as_set', 'as the settings say']]),
    ['at_once', 'at once'],
    ['after_10_seconds', 'after 10 seconds'],
    ['five_times', 'five times at once'],
    ['never', 'never'],
  ];
  return choices
    .map(([value = '', label = ''], index) => {
      const checked = index === 0 ? ' checked' : '';
      return `<label><input type="radio" name="delivery" value="${value}"${checked}> ${label}</label>`;
    })
    .join('\n');
}

function backLink(url: string | null): string {
  return url === null ? '' : `<p><a href="${escape(url)}">Back to the shop</a></p>`;
}

function currencyOf({ checkout }: PaymentView): string {
  return checkout.session.currency ?? 'usd';
}

function localeOf({ checkout }: PaymentView): string {
  const { locale } = checkout.session;
  return locale === null || locale === 'auto' ? 'en' : locale;
}
