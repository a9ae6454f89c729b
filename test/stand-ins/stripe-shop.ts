import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import Stripe from 'stripe';
import { z } from 'zod';
import { startStripeStandIn, type StripeStandIn } from '../../stand-ins/stripe/stand-in.ts';

export const SECRET_KEY = 'sk_test_stand_in';
export const WEBHOOK_SECRET = 'whsec_stand_in';

/** A webhook as it came, and the event it carries. */
export interface Arrival {
  body: string;
  headers: IncomingHttpHeaders;
  id: string;
  type: string;
}

export interface Endpoint extends AsyncDisposable {
  url: string;
  arrivals: Arrival[];
  /** Resolves with all arrivals as soon as there are `count` of them. */
  arrived: (count: number) => Promise<Arrival[]>;
}

/** A webhook endpoint that answers each arrival with the status which `answer` chooses. */
export async function openEndpoint(answer: (arrival: Arrival) => number): Promise<Endpoint> {
  const arrivals: Arrival[] = [];
  const changed = new EventTarget();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { id, type } = z
        .looseObject({ id: z.string(), type: z.string() })
        .parse(JSON.parse(body));
      const arrival = { body, headers: request.headers, id, type };
      const status = answer(arrival);
      arrivals.push(arrival);
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      changed.dispatchEvent(new Event('arrival'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/webhook`,
    arrivals,
    arrived: async (count) => {
      while (arrivals.length < count) await once(changed, 'arrival');
      return arrivals;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Shop extends AsyncDisposable, Omit<Endpoint, 'url'> {
  standIn: StripeStandIn;
  stripe: Stripe;
  /** Calls the control API and answers its JSON. */
  control: (path: string, body?: object) => Promise<unknown>;
}

/** A stand-in, the official SDK connected to it, and an endpoint for its webhooks. */
export async function openShop({
  answer = () => 200,
  stateFile,
}: { answer?: (arrival: Arrival) => number; stateFile?: string } = {}): Promise<Shop> {
  const endpoint = await openEndpoint(answer);
  const standIn = await startStripeStandIn({
    webhookUrl: endpoint.url,
    webhookSecret: WEBHOOK_SECRET,
    secretKey: SECRET_KEY,
    ...(stateFile !== undefined && { stateFile }),
  });
  return {
    standIn,
    stripe: connect(standIn.url),
    arrivals: endpoint.arrivals,
    arrived: endpoint.arrived,
    control: (path, body) => callControl(standIn.url, path, body),
    [Symbol.asyncDispose]: async () => {
      await standIn.close();
      await endpoint[Symbol.asyncDispose]();
    },
  };
}

/** The official SDK, talking to a stand-in. */
export function connect(url: string, key = SECRET_KEY): Stripe {
  const port = Number(new URL(url).port);
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
}

export async function callControl(url: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${url}/_control${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

/** Presses a button of the payment page; answers the status and where it leads. */
export async function press(
  session: Stripe.Checkout.Session,
  action: 'pay' | 'decline' | 'cancel',
  delivery = 'at_once',
  card = 'pm_card_visa',
): Promise<{ status: number; location: string | null }> {
  const response = await fetch(`${session.url ?? ''}/${action}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ delivery, card }),
  });
  return { status: response.status, location: response.headers.get('location') };
}

/** The parameters of a plain purchase of two packages at 5 euros. */
export function aPurchase(
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 2,
        price_data: {
          currency: 'eur',
          unit_amount: 500,
          product_data: { name: 'Starter', description: '1,000 credits' },
        },
      },
    ],
    success_url: 'http://127.0.0.1:9/thanks?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back',
    ...more,
  };
}

/** The parameters of a session that saves a card for later and takes no money. */
export function aSetup(
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  const { success_url = '', cancel_url = '' } = aPurchase();
  return { mode: 'setup', currency: 'eur', success_url, cancel_url, ...more };
}

/** The id of an object that may have been expanded. */
export function idOf(object: string | { id: string } | null): string {
  return typeof object === 'object' ? (object?.id ?? '') : object;
}

/** The error that the SDK throws; anything else is thrown on, and so is success. */
export async function refusal(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await work.then(
    () => new Error('Nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw error;
}

function portOf(address: string | { port: number } | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}
