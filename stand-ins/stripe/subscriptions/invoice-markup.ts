import type Stripe from 'stripe';
import { formatMinor } from '../currencies.ts';
import { documentOf, escape } from '../markup.ts';
import { cardChoices } from '../payment-markup.ts';
import { cardOf } from '../test-cards.ts';
import type { Invoice } from './objects.ts';
import { dayText } from './periods.ts';

export interface InvoiceView {
  invoice: Invoice;
  /** Why the last try to pay came to nothing. */
  refused: string | null;
  /** The card that the subscription keeps. */
  kept: Stripe.PaymentMethod | undefined;
}

/** What an invoice's status is called, and what follows from it. */
const STATES = new Map<string, string>([
  ['paid', 'This invoice is paid.'],
  ['void', 'This invoice was given up. Nothing is to be paid.'],
]);

/** The page of one invoice as HTML, where it can be paid. */
export function renderInvoice(view: InvoiceView): string {
  const { invoice } = view;
  const title = `Invoice ${invoice.number ?? ''}`;
  const money = moneyOf(invoice);
  return documentOf(
    title,
    `<h1>${money(invoice.amount_due)}</h1>
<p>${escape(title)}, ${dayText(invoice.effective_at ?? invoice.created)}${customerOf(invoice)}</p>
${linesTable(invoice)}
${invoice.status === 'open' ? payForm(view) : state(STATES.get(invoice.status ?? '') ?? '')}`,
  );
}

function linesTable(invoice: Invoice): string {
  const money = moneyOf(invoice);
  const row = (name: string, amount: number): string =>
    `<tr><th scope="row">${name}</th><td>${money(amount)}</td></tr>`;
  const rows = invoice.lines.data.map((line) => {
    const { start, end } = line.period;
    const period = `<small>${dayText(start)} to ${dayText(end)}</small>`;
    return row(`${escape(line.description ?? '')}${period}`, line.amount);
  });
  const exclusive = invoice.total - invoice.subtotal;
  const balance = invoice.amount_due - invoice.total;
  return `<table>
<caption>What it is for</caption>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot>
${exclusive === 0 ? '' : row('Tax', exclusive)}${balance === 0 ? '' : row('Balance', balance)}
<tr class="total"><th scope="row">Due</th><td>${money(invoice.amount_due)}</td></tr>
</tfoot>
</table>`;
}

function payForm({ invoice, refused, kept }: InvoiceView): string {
  const at = `/i/${escape(invoice.id)}`;
  const bad = refused === null ? '' : `${state(refused, 'bad')}\n`;
  const keptChoice =
    kept === undefined
      ? ''
      : `<label><input type="radio" name="card" value="kept" checked> ${escape(nameOfCard(kept))} <small>the card that is kept</small></label>\n`;
  return `${bad}<form method="post" action="${at}/pay">
<fieldset>
<legend>The card</legend>
${keptChoice}${cardChoices(kept === undefined)}
</fieldset>
<div class="actions">
<button class="main">Pay</button>
<button formaction="${at}/decline">Decline</button>
</div>
</form>`;
}

/** For example `Visa ···· 4242`. */
export function nameOfCard(method: Stripe.PaymentMethod): string {
  const { brand, last4 } = cardOf(method);
  return `${brand === 'visa' ? 'Visa' : 'Mastercard'} ···· ${last4}`;
}

/** A sentence that says how something stands; `text` is not yet HTML. */
export function state(text: string, kind = ''): string {
  const role = kind === 'bad' ? 'alert' : 'status';
  return `<p class="state${kind && ` ${kind}`}" role="${role}">${escape(text)}</p>`;
}

function moneyOf({ currency }: Invoice): (amount: number) => string {
  return (amount) => escape(formatMinor(amount, currency));
}

function customerOf({ customer_email, customer_name }: Invoice): string {
  const who = customer_name ?? customer_email;
  return who === null ? '' : `, for ${escape(who)}`;
}
