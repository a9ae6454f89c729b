import Stripe from 'stripe';
import { type Finding, bad, good, hint } from '../core/findings.ts';
import { eventHandlers } from './events/handlers.ts';
import type { WorkingProvider } from './provider.ts';

/** Whether Stripe takes the key, and sends its events here, as far as the key may ask. */
export async function stripeFindings(
  provider: WorkingProvider,
  baseUrl: string,
): Promise<Finding[]> {
  const { stripe, livemode } = provider;
  try {
    await stripe.charges.list({ limit: 1 });
  } catch (error) {
    return [
      bad('Stripe', `It does not take the key: ${reasonOf(error)}`, 'See STRIPE_SECRET_KEY.'),
    ];
  }
  const mode = livemode ? 'live' : 'test';
  return [
    good('Stripe', `It takes the key, in ${mode} mode, with API ${Stripe.API_VERSION}.`),
    await endpointFinding(stripe, `${baseUrl}/webhooks/stripe`),
  ];
}

async function endpointFinding(stripe: Stripe, url: string): Promise<Finding> {
  const about = 'Stripe webhook';
  const mend = `At Stripe, add an endpoint ${url} with the events of docs/billing.md.`;
  let endpoints: Stripe.WebhookEndpoint[];
  try {
    ({ data: endpoints } = await stripe.webhookEndpoints.list({ limit: 100 }));
  } catch (error) {
    const says = `The key may not list endpoints: ${reasonOf(error)}`;
    return hint(about, says, `See at Stripe that ${url} is one, and is answered 200.`);
  }
  const endpoint = endpoints.find((one) => one.url === url);
  if (endpoint === undefined) return bad(about, `Stripe does not send to ${url}.`, mend);
  if (endpoint.status !== 'enabled') return bad(about, 'It is disabled at Stripe.', 'Enable it.');
  const sent: readonly string[] = endpoint.enabled_events;
  const missing = [...eventHandlers.keys()].filter((type) => !sent.includes(type));
  if (!sent.includes('*') && missing.length > 0) {
    return bad(about, `Stripe does not send ${missing.join(', ')}.`, 'Add them to the endpoint.');
  }
  const version = endpoint.api_version ?? Stripe.API_VERSION;
  if (version !== Stripe.API_VERSION) {
    const says = `Its events are of API ${version}, the program speaks ${Stripe.API_VERSION}.`;
    return hint(about, says, 'It reads older versions too; make the endpoint anew when you can.');
  }
  return good(about, `Stripe sends to ${url}.`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
