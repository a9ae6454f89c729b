import type Stripe from 'stripe';

/** A whole page in the look of this server; `content` is HTML. */
export function documentOf(title: string, content: string, wide = false): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · Simulated payment</title>
<link rel="stylesheet" href="/payment-page.css">
</head>
<body>
<header class="notice"><p>Simulated payment: no money moves</p></header>
<main${wide ? ' class="wide"' : ''}>
${content}
</main>
${wide ? '' : '<footer><a href="/">Payments, refunds and disputes</a></footer>\n'}</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** The card of a charge as people know it: `Visa ···· 4242`. */
export function cardText({ payment_method_details: details }: Stripe.Charge): string {
  const brand = details?.card?.brand === 'mastercard' ? 'Mastercard' : 'Visa';
  return `${brand} ···· ${details?.card?.last4 ?? ''}`;
}
