import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { assembleApp } from '../../src/assemble.ts';
import { type PaymentProvider, stripeProvider } from '../../src/billing/provider.ts';
import { keepSeller } from '../../src/billing/seller.ts';
import { parseConfig } from '../../src/config.ts';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { balanceOf } from '../../src/ledger/balances.ts';
import { configureLevels } from '../../src/ledger/levels.ts';
import { type ReadCatalogue, catalogueReader } from '../../src/lib/catalogue-versions.ts';
import { type Logger, createLog } from '../../src/lib/log.ts';
import { Meters } from '../../src/lib/meters.ts';
import { applyPreset } from '../../src/apply-preset.ts';
import type { Preset } from '../../src/presets/preset.ts';
import { presets } from '../../src/presets/presets.ts';
import { ApiKeyUses } from '../../src/workspaces/api-key-uses.ts';
import { LiveBalances, type LiveLimits } from '../../src/workspaces/live-balances.ts';
import { type StripeStandIn, startStripeStandIn } from '../../stand-ins/stripe/stand-in.ts';
import { ENCRYPTION_KEYS, type TestDatabase, testDatabase, verifyAndDrop } from './database.ts';

/** The program as it runs, on a database of its own and beside a Stripe that is a stand-in. */
export interface TestProgram {
  url: string;
  database: TestDatabase;
  ledger: Ledger;
  keyUses: ApiKeyUses;
  sessionSecrets: string[];
  /** Undefined when buying is off. */
  stripe: StripeStandIn | undefined;
  provider: PaymentProvider;
  /** A browser of its own: cookies are kept, and requests come from the program's own pages. */
  browser(): Browser;
  /** A browser of somebody who has just signed up and verified the address, with the welcome credits. */
  signUp(name?: string): Promise<Customer>;
  /** Ends everything. Throws when the ledger does not add up after the test. */
  stop(): Promise<void>;
}

export type Browser = ReturnType<typeof request.agent>;

export interface Customer {
  browser: Browser;
  email: string;
  password: string;
  slug: string;
  workspace_id: string;
  wallet_id: string;
  available(): Promise<bigint>;
}

/** Of the programs that run: levels are read by process, and so from one that is there still. */
const catalogues = new Set<ReadCatalogue>();

export async function testProgram(
  options: {
    buying?: boolean;
    demo?: boolean;
    /** What is not as in the default preset. */
    preset?: Partial<Preset>;
    settings?: Record<string, string>;
    live?: LiveLimits;
    /** How long Stripe is waited for. */
    stripeTimeoutMilliseconds?: number;
    /** Where the program says what it does. */
    log?: Logger;
  } = {},
): Promise<TestProgram> {
  const database = await testDatabase();
  const { connections } = database;
  const config = parseConfig({ NODE_ENV: 'test', ...options.settings });
  const preset = { ...presets.default, ...options.preset };
  await connections.app.transaction().execute(async (trx) => {
    await applyPreset(trx, preset);
    await keepSeller(trx, config.sellerDetails);
  });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const webhookSecret = `whsec_${randomBytes(12).toString('hex')}`;
  const secretKey = `sk_test_${randomBytes(12).toString('hex')}`;
  const stripe =
    options.buying === false
      ? undefined
      : await startStripeStandIn({
          webhookUrl: `${url}/webhooks/stripe`,
          webhookSecret,
          secretKey,
        });
  const provider: PaymentProvider =
    stripe === undefined
      ? { mode: 'off', reason: 'This installation has no payment provider yet.' }
      : stripeProvider('simulated', {
          secretKey,
          webhookSecrets: [webhookSecret],
          apiUrl: stripe.url,
          automaticTax: config.stripeTax,
          timeoutMilliseconds: options.stripeTimeoutMilliseconds,
        });
  const meters = new Meters();
  const ledger = createLedger(connections.ledger, connections.notices, (commands) => {
    meters.batches.observe(commands);
  });
  const log = createLog('silent');
  const keyUses = new ApiKeyUses(connections.ledgerJobs, log);
  const live = new LiveBalances(connections, options.live);
  const sessionSecrets = [randomBytes(32).toString('hex')];
  const catalogue = catalogueReader(connections.staff);
  catalogues.add(catalogue);
  const app = assembleApp({
    config,
    preset,
    catalogue,
    connections,
    ledger,
    keyUses,
    live,
    meters,
    log: options.log ?? log,
    baseUrl: url,
    sessionSecrets,
    encryptionKeys: ENCRYPTION_KEYS,
    provider,
    demo: options.demo ?? false,
  });
  server.on('request', app);
  const browser = (): Browser => request.agent(url).set('Origin', url);
  return {
    url,
    database,
    ledger,
    keyUses,
    sessionSecrets,
    stripe,
    provider,
    browser,
    signUp: (name = 'Ada Byron') => signUp(database, browser(), name),
    stop: async () => {
      catalogues.delete(catalogue);
      const [other] = catalogues;
      if (other !== undefined) configureLevels(other);
      await stripe?.close();
      await live.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await verifyAndDrop(database);
    },
  };
}

async function signUp(database: TestDatabase, browser: Browser, name: string): Promise<Customer> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const password = randomBytes(12).toString('hex');
  const answer = await browser.post('/sign-up').type('form').send({ name, email, password });
  // Tests have more people at one address than a limit allows.
  await database.query("delete from rate_limits where key like 'sign-up-client%'");
  const slug = /^\/w\/([^/]+)$/.exec(String(answer.headers['location']))?.[1];
  if (slug === undefined) throw new Error(`signing up answered ${answer.status}: ${answer.text}`);
  const [row] = await database.query<{ workspace_id: string; wallet_id: string }>(
    `select s.id as workspace_id, w.id as wallet_id from workspaces s
     join wallets w on w.workspace_id = s.id and w.livemode where s.slug = $1`,
    [slug],
  );
  if (row === undefined) throw new Error(`there is no workspace ${slug}`);
  await database.query('update people set email_verified_at = now() where email = $1', [email]);
  return {
    ...{ browser, email, password, slug },
    ...row,
    available: async () => {
      const balance = await balanceOf(database.connections.staff, row.workspace_id);
      return balance?.available_micro ?? -1n;
    },
  };
}

/** The value of a hidden field in a page's form. */
export function hiddenField(html: string, name: string): string {
  const field = new RegExp(`name="${name}" value="([^"]+)"`).exec(html);
  if (field?.[1] === undefined) throw new Error(`the page has no field ${name}`);
  return field[1];
}
