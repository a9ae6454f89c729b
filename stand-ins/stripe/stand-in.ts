import { createServer, type Server } from 'node:http';
import { createApp } from './app.ts';
import { byClock } from './clock.ts';
import { expireDueSessions } from './checkout-sessions.ts';
import type { Context } from './context.ts';
import { DeliveryQueue } from './deliveries.ts';
import { StandInStartError } from './errors.ts';
import { Faults } from './faults.ts';
import { LOOPBACK_ADDRESS } from './loopback.ts';
import { Store } from './store.ts';
import { runOverdue } from './subscriptions/renewals.ts';

export { StandInStartError };

export interface StripeStandInOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Where all objects are kept; without it they live as long as the server. */
  stateFile?: string;
  /** The endpoint that gets the webhooks. */
  webhookUrl: string;
  /** The endpoint's signing secret, `whsec_…`. */
  webhookSecret: string;
  /** The only API key that is taken, `sk_test_…`. */
  secretKey: string;
}

export interface StripeStandIn {
  /** The origin at which the server answers, for example `http://127.0.0.1:4242`. */
  url: string;
  port: number;
  /** Stops listening and sending; what is not delivered stays in the state file. */
  close(): Promise<void>;
}

const EXPIRY_INTERVAL_MS = 1000;
const CLOSE_GRACE_MS = 250;

/**
 * Starts a server that speaks Stripe's protocol on 127.0.0.1. Rejects with a StandInStartError
 * when an option is no good, the port is taken or the state file cannot be read.
 */
export async function startStripeStandIn(options: StripeStandInOptions): Promise<StripeStandIn> {
  checkOptions(options);
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  const origin = `http://${LOOPBACK_ADDRESS}:${port}`;
  try {
    const store = new Store(options.stateFile, origin);
    const target = { url: options.webhookUrl, secret: options.webhookSecret };
    const queue = new DeliveryQueue(store, target);
    const { secretKey } = options;
    const context: Context = { origin, secretKey, store, queue, faults: new Faults() };
    server.on('request', createApp(context));
    store.save();
    queue.resume();
    const expiry = setInterval(() => {
      byClock(store.clock, () => {
        expireDueSessions(context);
        runOverdue(context);
      });
    }, EXPIRY_INTERVAL_MS);
    return {
      url: origin,
      port,
      close: async () => {
        clearInterval(expiry);
        queue.close();
        await closeServer(server);
      },
    };
  } catch (error) {
    await closeServer(server);
    if (error instanceof StandInStartError) throw error;
    throw new StandInStartError(`The state file ${options.stateFile ?? ''} cannot be written.`, {
      cause: error,
    });
  }
}

function checkOptions(options: StripeStandInOptions): void {
  if (!options.secretKey.startsWith('sk_test_')) {
    throw new StandInStartError('The secret key must be a test key: it begins with sk_test_.');
  }
  if (!options.webhookSecret.startsWith('whsec_')) {
    throw new StandInStartError('The webhook secret must begin with whsec_.');
  }
  const protocol = URL.parse(options.webhookUrl)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new StandInStartError('The webhook URL must be an absolute http or https address.');
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      const message = taken
        ? `Port ${port} on ${LOOPBACK_ADDRESS} is already in use: choose another port, or stop the program that holds it.`
        : `The server cannot listen on port ${port} of ${LOOPBACK_ADDRESS}: ${error.message}`;
      reject(new StandInStartError(message, { cause: error }));
    });
    server.listen(port, LOOPBACK_ADDRESS, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Browsers and SDKs keep connections open: they get a moment to finish, then they are cut. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
