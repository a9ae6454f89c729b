import type { RequestListener } from 'node:http';
import { createApp } from './app.ts';
import { endBilling } from './billing/closing.ts';
import { type PaymentProvider, stripeProvider } from './billing/provider.ts';
import { keepReferral } from './billing/referrals.ts';
import type { Config } from './config.ts';
import { DEMO_PERSON } from './demo.ts';
import type { Ledger } from './ledger/ledger.ts';
import { configureLevels } from './ledger/levels.ts';
import type { ReadCatalogue } from './lib/catalogue-versions.ts';
import type { Connections } from './lib/database.ts';
import { isLoopback } from './lib/guards.ts';
import type { Meters } from './lib/meters.ts';
import { examineHere } from './doctor-local.ts';
import { ProgramMetrics } from './program-metrics.ts';
import type { Logger } from './lib/log.ts';
import type { SimulatedStripe } from './local-services.ts';
import { isUpToDate } from './prepare.ts';
import type { Preset } from './presets/preset.ts';
import { textsOf } from './presets/presets.ts';
import { endEndpoints } from './webhooks/endpoints.ts';
import type { ApiKeyUses } from './workspaces/api-key-uses.ts';
import { leaveAll, workspacesOnlyOf } from './workspaces/closing.ts';
import type { LiveBalances } from './workspaces/live-balances.ts';
import { revokeKeysOfPerson } from './workspaces/reclaimed.ts';
import { settleSuperAdmin } from './workspaces/super-admins.ts';
import { welcomeNow } from './workspaces/welcome-terms.ts';
import { settleWelcome } from './workspaces/welcome.ts';
import { createPersonalWorkspace, workspacesOf } from './workspaces/workspaces.ts';

/** Everything that the parts of the web program are made from. */
export interface Parts {
  config: Config;
  preset: Preset;
  catalogue: ReadCatalogue;
  connections: Connections;
  ledger: Ledger;
  log: Logger;
  baseUrl: string;
  sessionSecrets: string[];
  encryptionKeys: readonly string[];
  provider: PaymentProvider;
  keyUses: ApiKeyUses;
  live: LiveBalances;
  meters: Meters;
  /** Whether the demo person may be offered on the sign-in page. */
  demo: boolean;
}

/** Puts the parts together; `app.ts` has the order of the mounts. */
export function assembleApp(parts: Parts): RequestListener {
  const { config, preset, catalogue, connections, ledger, log, baseUrl, provider } = parts;
  const { keyUses, live, meters } = parts;
  const metrics = new ProgramMetrics(connections, ledger, meters);
  configureLevels(catalogue);
  return createApp({
    connections,
    ledger,
    provider,
    keyUses,
    live,
    catalogue,
    rateLimits: config.rateLimits,
    log,
    meters,
    examine: () => examineHere(config, connections, parts.encryptionKeys),
    metrics: { token: config.metricsToken, text: () => metrics.text() },
    baseUrl,
    trustProxy: config.trustProxy,
    sessionSecrets: parts.sessionSecrets,
    encryptionKeys: parts.encryptionKeys,
    production: config.production,
    seller: config.seller,
    currency: preset.currency,
    texts: textsOf(preset),
    notices:
      provider.mode === 'simulated'
        ? ['Simulated payments: no money moves in this installation.']
        : [],
    outbox: parts.demo ? { sends: config.mail !== undefined } : undefined,
    people: {
      product: textsOf(preset).product,
      google: config.google,
      adminEmails: config.adminEmails,
      mails: parts.demo || config.mail !== undefined,
      welcomeMicro: async () => (await welcomeNow(catalogue)).amount_micro,
      demo: parts.demo ? DEMO_PERSON : undefined,
      onPersonCreated: async (trx, person) => {
        const terms = { currency: preset.currency, welcome: await welcomeNow(catalogue) };
        const { workspace_id } = await createPersonalWorkspace(trx, person, terms);
        const { id: person_id, referred_by: referrer_workspace_id } = person;
        if (referrer_workspace_id === undefined) return;
        await keepReferral(trx, { workspace_id, person_id, referrer_workspace_id });
      },
      onAddressVerified: async (trx, person) => {
        const { guard } = await welcomeNow(catalogue);
        if (guard !== undefined) await settleWelcome(trx, person, guard);
      },
      closing: {
        endingWith: (personId) => workspacesOnlyOf(connections.staff, personId),
        close: (trx, person_id, origin) =>
          leaveAll(trx, { person_id, origin }, [endBilling, endEndpoints]),
      },
      onStaffRole: settleSuperAdmin,
      onPersonReclaimed: revokeKeysOfPerson,
      homeOf: async (personId) => {
        const [home] = await workspacesOf(connections.app, personId);
        return home === undefined ? '/workspaces/new' : home.base;
      },
    },
    isReady: () => isUpToDate(connections),
  });
}

/**
 * How payments are taken. Simulated ones need the embedded database and an address that only this
 * machine reaches; in every other case a missing key turns buying off.
 */
export async function chooseProvider(
  config: Config,
  baseUrl: string,
  startSimulated: () => Promise<SimulatedStripe>,
): Promise<{ provider: PaymentProvider; simulated: SimulatedStripe | undefined }> {
  if (config.stripe === undefined && isForThisMachine(config, baseUrl)) {
    const simulated = await startSimulated();
    return {
      provider: stripeProvider('simulated', { ...simulated, automaticTax: config.stripeTax }),
      simulated,
    };
  }
  return { provider: providerOf(config), simulated: undefined };
}

/** Stripe, where there is a key for it. */
export function providerOf(config: Config): PaymentProvider {
  if (config.stripe !== undefined) {
    return stripeProvider('stripe', { ...config.stripe, automaticTax: config.stripeTax });
  }
  const reason = 'This installation has no payment provider yet. Ask the seller for credits.';
  return { mode: 'off', reason };
}

/** Whether Scrip is being tried out: on its embedded database, where only this machine reaches it. */
export function isForThisMachine(config: Config, baseUrl: string): boolean {
  return config.database === undefined && isLoopback(config.host) && isLoopback(hostOf(baseUrl));
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}
