import { formatMinor } from './currencies.ts';
import { totalsOf } from './line-items.ts';
import type { Checkout, LineItem, Settings } from './state.ts';

export interface PaymentView {
  checkout: Checkout;
  /** The lines as they would be paid now. */
  items: readonly LineItem[];
  declined: boolean;
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
  const title = TITLES.get(session.status ?? '') ?? 'Pay';
  return documentOf(
    title,
    `<h1>${escape(formatMinor(totalsOf(view.items).amount_total, currencyOf(view), localeOf(view)))}</h1>
${orderTable(view)}
${stateOf(view)}`,
  );
}

/** The page for an address that leads to no session. */
export function renderMissing(): string {
  return documentOf('Not found', '<h1>Not found</h1>\n<p>No checkout has this address.</p>');
}

function documentOf(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Simulated payment</title>
<link rel="stylesheet" href="/payment-page.css">
</head>
<body>
<header class="notice"><p>Simulated payment: no money moves</p></header>
<main>
${content}
</main>
</body>
</html>
`;
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

function stateOf(view: PaymentView): string {
  const { session } = view.checkout;
  if (session.status === 'complete') {
    const text =
      session.payment_status === 'paid'
        ? 'This order is paid.'
        : 'This order is placed; its payment comes later.';
    return `<p class="state" role="status">${text}</p>
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
  return `${declined}<form method="post" action="${at}/pay">
<div class="actions">
<button class="main">Pay</button>
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

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
