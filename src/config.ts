import path from 'node:path';
import type { z } from 'zod';
import type { PresetName } from './core/preset-names.ts';
import type { Seller } from './billing/seller.ts';
import { presets, textsOf } from './presets/presets.ts';
import { Settings } from './settings.ts';

/** What the program runs with. Parsed once, when it starts; nothing else reads the environment. */
export interface Config {
  production: boolean;
  host: string;
  port: number;
  /** The URL that people use; undefined until the port is known when PORT is 0. */
  baseUrl: string | undefined;
  trustProxy: number;
  /** Undefined: the embedded database. */
  database: { url: string; migrationUrl: string; appUser: string | undefined } | undefined;
  databaseSsl: false | { rejectUnauthorized: boolean } | undefined;
  poolMax: number;
  /** Empty: the local services make one. */
  sessionSecrets: string[];
  /** The newest first. Empty: the local services make one. */
  encryptionKeys: string[];
  /** The newest first. Empty: the local services make one, or hours are not sealed. */
  sealKeys: string[];
  /** Undefined: everything is kept. */
  retentionDays: number | undefined;
  /** Requests in a minute. */
  rateLimits: { workspace: number; service: number };
  /** Undefined: the one that the database has, and of a new one the default. */
  preset: PresetName | undefined;
  seller: string;
  /** The same with all that invoices say of who sells. */
  sellerDetails: Seller;
  stripe: { secretKey: string; webhookSecrets: string[]; apiUrl: string | undefined } | undefined;
  /** Whether Stripe adds the tax of the buyer's country. */
  stripeTax: boolean;
  google: GoogleConfig | undefined;
  /** Undefined: nothing is sent. */
  mail: { smtpUrl: string; from: { name: string; address: string } } | undefined;
  adminEmails: string[];
  /** Undefined: only this machine may ask for metrics. */
  metricsToken: string | undefined;
  workerInline: boolean;
  migrateOnBoot: boolean;
  dataFolder: string;
  logLevel: NonNullable<Settings['LOG_LEVEL']>;
}

export interface GoogleConfig {
  clientId: string;
  clientSecret: string;
  /** Undefined: Google's own. */
  authorizationUrl: string | undefined;
  tokenUrl: string | undefined;
  userinfoUrl: string | undefined;
}

/** The settings cannot be used. The message names each fault on a line of its own. */
export class ConfigError extends Error {}

/**
 * Reads the environment, after a `.env` file in the current folder if there is one.
 * @param options.preset named when the program was started, in place of SCRIP_PRESET
 * @throws ConfigError
 */
export function readConfig({ preset }: { preset?: string | undefined } = {}): Config {
  try {
    process.loadEnvFile();
  } catch {
    // There is no .env file, which is the usual case on a server.
  }
  return parseConfig({ ...process.env, ...(preset === undefined ? {} : { SCRIP_PRESET: preset }) });
}

/** @throws ConfigError naming each fault */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  const present = Object.entries(environment).filter(([, value]) => value?.trim() !== '');
  const given = Object.fromEntries(present);
  const parsed = Settings.safeParse(given);
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error)), ...contradictions(given)];
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`Scrip cannot start with these settings:\n  ${faults.join('\n  ')}`);
  }
  return configOf(parsed.data);
}

function configOf(settings: Settings): Config {
  const production = settings.NODE_ENV === 'production';
  const embedded = settings.DATABASE_URL === undefined;
  const port = settings.PORT ?? 3000;
  return {
    production,
    port,
    host: settings.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0'),
    baseUrl: baseUrlOf(settings, port),
    trustProxy: settings.TRUST_PROXY ?? (production ? 1 : 0),
    database: databaseOf(settings),
    databaseSsl: sslOf(settings),
    poolMax: settings.DATABASE_POOL_MAX ?? 10,
    sessionSecrets: listOf(settings.SESSION_SECRET),
    encryptionKeys: listOf(settings.ENCRYPTION_KEY),
    sealKeys: listOf(settings.SEAL_KEY),
    retentionDays: settings.RETENTION_DAYS,
    rateLimits: {
      workspace: settings.RATE_LIMIT_WORKSPACE_KEY ?? 6_000,
      service: settings.RATE_LIMIT_SERVICE_KEY ?? 1_200_000,
    },
    preset: settings.SCRIP_PRESET,
    seller: sellerOf(settings),
    sellerDetails: sellerDetailsOf(settings),
    stripe: stripeOf(settings, production),
    stripeTax: settings.STRIPE_TAX ?? false,
    google: googleOf(settings, production),
    mail: mailOf(settings),
    adminEmails: listOf(settings.ADMIN_EMAILS),
    metricsToken: settings.METRICS_TOKEN,
    workerInline: settings.WORKER_INLINE ?? embedded,
    migrateOnBoot: settings.MIGRATE_ON_BOOT ?? embedded,
    dataFolder: path.resolve(settings.DATA_DIR ?? path.join(import.meta.dirname, '..', 'data')),
    logLevel: settings.LOG_LEVEL ?? (production ? 'info' : 'warn'),
  };
}

/** Settings that are missing beside others. Those that are there in a wrong form are told apart. */
function contradictions(given: NodeJS.ProcessEnv): string[] {
  const faults: string[] = [];
  const need = (name: keyof Settings, why: string): void => {
    if (given[name] === undefined) faults.push(`${name} is missing: ${why}.`);
  };
  if (given['NODE_ENV'] === 'production') {
    need('DATABASE_URL', 'production does not use the embedded database');
    need('SESSION_SECRET', 'production needs a secret of its own, at least 32 characters long');
    need('ENCRYPTION_KEY', 'what is kept secret is encrypted, by a key of at least 32 characters');
    need('BASE_URL', 'production must know where people reach it');
  }
  if (given['STRIPE_SECRET_KEY'] !== undefined) {
    need('STRIPE_WEBHOOK_SECRET', 'without it no payment could be believed');
  }
  if (given['GOOGLE_CLIENT_ID'] !== undefined) {
    need('GOOGLE_CLIENT_SECRET', 'GOOGLE_CLIENT_ID is of no use alone');
  }
  if (given['SMTP_URL'] !== undefined) {
    need('MAIL_FROM', 'mails must come from an address');
  }
  if (given['MIGRATION_DATABASE_URL'] !== undefined) {
    need('DATABASE_URL', 'MIGRATION_DATABASE_URL is of no use alone');
  }
  return faults;
}

function faultsOf(error: z.ZodError<Settings>): string[] {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`);
}

function baseUrlOf(settings: Settings, port: number): string | undefined {
  if (settings.BASE_URL !== undefined) return settings.BASE_URL.replace(/\/+$/, '');
  return port === 0 ? undefined : `http://localhost:${port}`;
}

function databaseOf(settings: Settings): Config['database'] {
  const url = settings.DATABASE_URL;
  if (url === undefined) return undefined;
  const migrationUrl = settings.MIGRATION_DATABASE_URL ?? url;
  const [user, owner] = [new URL(url).username, new URL(migrationUrl).username];
  const appUser = user === owner || user === '' ? undefined : decodeURIComponent(user);
  return { url, migrationUrl, appUser };
}

function sslOf(settings: Settings): Config['databaseSsl'] {
  switch (settings.DATABASE_SSL) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify':
      return { rejectUnauthorized: true };
    case undefined:
      return undefined;
  }
}

function sellerDetailsOf(settings: Settings): Seller {
  return {
    name: sellerOf(settings),
    address: linesOf(settings.SELLER_ADDRESS),
    country: settings.SELLER_COUNTRY,
    email: settings.SELLER_EMAIL,
    tax_id: settings.SELLER_TAX_ID,
    bank: linesOf(settings.SELLER_BANK),
    time_zone: settings.SELLER_TIME_ZONE ?? 'UTC',
  };
}

/** Lines by `|`, or by the line breaks that a quoted value of a .env file can have. */
function linesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\||\\n|\n/)
    .flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

function stripeOf(settings: Settings, production: boolean): Config['stripe'] {
  const secretKey = settings.STRIPE_SECRET_KEY;
  if (secretKey === undefined) return undefined;
  const apiUrl = production ? undefined : settings.STRIPE_API_URL;
  return { secretKey, webhookSecrets: listOf(settings.STRIPE_WEBHOOK_SECRET), apiUrl };
}

function googleOf(settings: Settings, production: boolean): GoogleConfig | undefined {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = settings;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  const own: Partial<Settings> = production ? {} : settings;
  return {
    clientId,
    clientSecret,
    authorizationUrl: own.GOOGLE_AUTHORIZATION_URL,
    tokenUrl: own.GOOGLE_TOKEN_URL,
    userinfoUrl: own.GOOGLE_USERINFO_URL,
  };
}

function sellerOf(settings: Settings): string {
  return (
    settings.SELLER_NAME ?? `${textsOf(presets[settings.SCRIP_PRESET ?? 'default']).product} demo`
  );
}

function mailOf(settings: Settings): Config['mail'] {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from } = settings;
  if (smtpUrl === undefined || from === undefined) return undefined;
  const [, name = sellerOf(settings), address = from] = /^(.+?)\s*<(.+)>$/.exec(from.trim()) ?? [];
  return { smtpUrl, from: { name: name.trim(), address: address.trim() } };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
