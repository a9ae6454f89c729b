import type { RequestListener } from 'node:http';
import compression from 'compression';
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { adminRoutes } from './admin/admin-routes.ts';
import { staffView } from './admin/seeing.ts';
import { alertRoutes } from './alerts/alert-routes.ts';
import { UnsubscribeLinks } from './alerts/unsubscribe-links.ts';
import { unsubscribeRoutes } from './alerts/unsubscribe-routes.ts';
import { createApi, isForApi, servicesOf } from './api/api.ts';
import type { Services } from './api/endpoint.ts';
import { signedInRoutes } from './api/signed-in-routes.ts';
import { referenceRoutes } from './api/reference-routes.ts';
import { autoTopUpRoutes } from './billing/auto-top-up-routes.ts';
import { billingDetailsRoutes } from './billing/billing-details-routes.ts';
import { billingRoutes, webhookRoutes } from './billing/billing-routes.ts';
import { offersBy } from './billing/offers.ts';
import { invoiceRoutes } from './billing/invoice-routes.ts';
import { planRoutes } from './billing/plan-routes.ts';
import { promoRoutes } from './billing/promo-routes.ts';
import type { PaymentProvider } from './billing/provider.ts';
import { referralLinks } from './billing/referral-routes.ts';
import { transferRoutes } from './billing/transfer-routes.ts';
import { currenciesOnSale, hasBought, membersLimitOf } from './billing/workspace-terms.ts';
import type { Finding } from './core/findings.ts';
import { homePage } from './home-page.ts';
import type { Ledger } from './ledger/ledger.ts';
import { assetRoutes } from './lib/assets.ts';
import type { ReadCatalogue } from './lib/catalogue-versions.ts';
import type { Connections } from './lib/database.ts';
import { errorAnswers } from './lib/error-answers.ts';
import { notFound } from './lib/errors.ts';
import { DEFAULT_READER } from './lib/formatting.ts';
import { sameOrigin, signedIn } from './lib/guards.ts';
import { healthRoutes } from './lib/health-routes.ts';
import type { Logger } from './lib/log.ts';
import { type Meters, requestMeter } from './lib/meters.ts';
import { type MetricsPage, metricsRoutes } from './lib/metrics-routes.ts';
import { outboxRoutes } from './lib/outbox-routes.ts';
import { requestLog } from './lib/request-log.ts';
import { sessions } from './lib/sessions.ts';
import { accountRoutes } from './people/account-routes.ts';
import { dataRoutes } from './people/data-routes.ts';
import { googleOrigin } from './people/google-strategy.ts';
import { findSession, identifyPerson } from './people/identify.ts';
import type { PeopleOptions } from './people/options.ts';
import { peopleRoutes } from './people/people-routes.ts';
import { securityRoutes } from './people/security/security-routes.ts';
import type { PresetTexts } from './presets/preset.ts';
import { stylePage } from './style-page.ts';
import { historyRoutes } from './usage/history-routes.ts';
import { reportRoutes } from './usage/report-routes.ts';
import { usageRoutes } from './usage/usage-routes.ts';
import { walletRoutes } from './usage/wallet-routes.ts';
import { endpointSecrets } from './webhooks/secrets.ts';
import { webhookPages } from './webhooks/webhook-routes.ts';
import { activityRoutes } from './workspaces/activity-routes.ts';
import { apiKeyRoutes } from './workspaces/api-key-routes.ts';
import type { ApiKeyUses } from './workspaces/api-key-uses.ts';
import type { RateLimits } from './workspaces/api-rate-limits.ts';
import { CustomerLinks } from './workspaces/customer-links.ts';
import { customerRoutes } from './workspaces/customer-routes.ts';
import { customerScope } from './workspaces/customer-scope.ts';
import type { LiveBalances } from './workspaces/live-balances.ts';
import { liveRoutes } from './workspaces/live-routes.ts';
import { invitationPages } from './workspaces/invitation-routes.ts';
import { startRoutes } from './workspaces/start-routes.ts';
import { memberRoutes } from './workspaces/member-routes.ts';
import { workspaceScope } from './workspaces/scope.ts';
import {
  type WorkspaceDependencies,
  settingsRoutes,
  workspacePages,
} from './workspaces/settings-routes.ts';
import { teamRoutes } from './workspaces/team-routes.ts';

export interface AppOptions {
  connections: Connections;
  ledger: Ledger;
  provider: PaymentProvider;
  keyUses: ApiKeyUses;
  live: LiveBalances;
  catalogue: ReadCatalogue;
  rateLimits: RateLimits;
  log: Logger;
  meters: Meters;
  metrics: MetricsPage;
  /** Looks at the installation without asking anybody outside. */
  examine: () => Promise<Finding[]>;
  baseUrl: string;
  trustProxy: number;
  sessionSecrets: string[];
  /** The newest first. */
  encryptionKeys: readonly string[];
  /** Webhooks go to the public internet only. */
  production: boolean;
  seller: string;
  /** What the pages say of the product that runs here. */
  texts: PresetTexts;
  currency: string;
  /** What every page says about this installation. */
  notices: readonly string[];
  /** Shows every mail that is written; undefined where others could see it. */
  outbox: { sends: boolean } | undefined;
  people: Omit<PeopleOptions, 'connections' | 'baseUrl' | 'encryptionKeys' | 'onGoogleFailure'>;
  /** Whether the program can do its work: asked by /readyz. */
  isReady: () => Promise<boolean>;
}

/** The program as it answers: the API for products before all that the pages need. */
export function createApp(options: AppOptions): RequestListener {
  const links = new CustomerLinks(options.baseUrl, options.sessionSecrets);
  const buyingIsOn = options.provider.mode !== 'off';
  const services = servicesOf({ ...options, links, buyingIsOn });
  const api = createApi(services, options);
  const pages = createPages(options, links, services);
  return (req, res) => {
    if (isForApi(req.url)) api(req, res);
    else pages(req, res);
  };
}

/** Every mount of the pages and webhooks, in the order in which a request meets them. */
function createPages(options: AppOptions, links: CustomerLinks, services: Services): Express {
  const { connections, provider, log, baseUrl, meters } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustProxy);
  app.use(requestLog(log), securityHeaders(options), compression(), layoutLocals(options));
  app.use(requestMeter(meters), healthRoutes(options.isReady));
  app.use('/assets', assetRoutes());
  app.use(metricsRoutes(options.metrics));
  const onEvent = (lag: number): void => meters.stripeEvents.observe(lag);
  app.use(webhookRoutes({ connections, provider, onEvent }));
  // Mail programs come from no page of ours.
  app.use(unsubscribeRoutes({ connections, links: new UnsubscribeLinks(options.sessionSecrets) }));
  app.use(
    sessions({
      pool: connections.plain,
      find: findSession(connections.plain),
      secrets: options.sessionSecrets,
      secure: baseUrl.startsWith('https:'),
      prune: true,
    }),
    identifyPerson(),
    readerLocals(),
    staffView(connections),
  );
  const { catalogue, people } = options;
  const { closing } = people;
  app.use(signedInRoutes({ ...services, baseUrl, catalogue, closing }));
  app.use(sameOrigin(baseUrl), express.urlencoded({ extended: false, limit: '20kb' }));
  app.use(referenceRoutes({ baseUrl }), referralLinks({ connections }));
  if (options.outbox !== undefined) {
    const letterhead = { seller: options.seller, baseUrl };
    const { sends } = options.outbox;
    app.use('/outbox', outboxRoutes({ db: connections.ledgerJobs, letterhead, sends }));
    app.use('/style', stylePage());
  }
  app.get('/', homePage(options));
  app.use(peoplePages(options));
  const selling = { ...options, readSelling: offersBy(provider) };
  const walletPages = [liveRoutes(options), walletRoutes(selling)];
  walletPages.push(historyRoutes(options), reportRoutes(options));
  const terms = { connections, currenciesOnSale, hasBought, currency: options.currency };
  app.use('/w/:slug', signedIn, workspaceScope(options), [
    ...walletPages,
    ...membersPages(options, terms),
  ]);
  app.use('/workspaces', signedIn, workspacePages(terms));
  app.use('/invitations', invitationPages({ connections, membersLimitOf }));
  app.use(
    '/admin',
    signedIn,
    adminRoutes({ connections, provider, verifying: people, examine: options.examine }).router,
  );
  app.use('/c', customerRoutes({ connections, links, baseUrl }));
  app.use('/c/:slug', customerScope({ connections, links, baseUrl }), [
    ...walletPages,
    billingRoutes({ connections, provider, baseUrl }),
    invoiceRoutes({ connections, provider }),
    transferRoutes({ connections, provider }),
    promoRoutes({ connections, baseUrl }),
  ]);
  app.use(nothingHere, errorAnswers(log));
  return app;
}

/** What members of a workspace see and do there. */
function membersPages(options: AppOptions, terms: WorkspaceDependencies): Router[] {
  const { connections, provider, baseUrl } = options;
  const secrets = endpointSecrets(options.encryptionKeys);
  return [
    usageRoutes(options),
    billingRoutes({ connections, provider, baseUrl }),
    planRoutes({ connections, provider, baseUrl }),
    invoiceRoutes({ connections, provider }),
    transferRoutes({ connections, provider }),
    billingDetailsRoutes({ connections }),
    autoTopUpRoutes(options),
    promoRoutes({ connections, baseUrl }),
    alertRoutes({ connections }),
    webhookPages({ connections, secrets, publicOnly: options.production }),
    teamRoutes({ connections, baseUrl, membersLimitOf }),
    memberRoutes({ connections }),
    startRoutes(options),
    settingsRoutes(terms),
    activityRoutes({ connections }),
    apiKeyRoutes(options),
  ];
}

/** Where people come and go, and what is theirs. */
function peoplePages({ people, encryptionKeys, ...app }: AppOptions): RequestHandler[] {
  const onGoogleFailure: PeopleOptions['onGoogleFailure'] = (req, failure) => {
    app.log.warn({ request_id: req.id, failure }, 'sign-in with Google failed');
  };
  const { connections, baseUrl } = app;
  const options = { ...people, connections, baseUrl, encryptionKeys, onGoogleFailure };
  return [
    peopleRoutes(options),
    accountRoutes(options),
    securityRoutes(options),
    dataRoutes(options),
  ];
}

const nothingHere: RequestHandler = () => {
  throw notFound();
};

/** Nothing may run or load that is not ours; forms may lead to the payment page and to Google. */
function securityHeaders({ provider, baseUrl, people: { google } }: AppOptions) {
  const pays = provider.mode === 'off' ? [] : [provider.checkoutOrigin];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: [
          "'self'",
          'https://checkout.stripe.com',
          'https://billing.stripe.com',
          ...pays,
          ...(google === undefined ? [] : [googleOrigin(google)]),
        ],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    strictTransportSecurity: baseUrl.startsWith('https:'),
  });
}

function layoutLocals({ notices, seller, texts, outbox, people }: AppOptions): RequestHandler {
  return (req, res, next) => {
    Object.assign(res.locals, {
      person: undefined,
      workspace: undefined,
      workspaces: [],
      seeing: undefined,
      admin_sections: undefined,
      purse: undefined,
      plan_name: undefined,
      notices,
      seller,
      texts,
      outbox: outbox !== undefined,
      mails: people.mails,
      reader: DEFAULT_READER,
      path: req.path,
      request_id: req.id,
    });
    next();
  };
}

function readerLocals(): RequestHandler {
  return (req, res, next) => {
    const { user } = req;
    if (user !== undefined) {
      res.locals['person'] = user;
      res.locals['reader'] = { time_zone: user.time_zone, locale: user.locale };
    }
    next();
  };
}
