import { z } from 'zod';
import { isCountry } from './core/countries.ts';
import { PRESET_NAMES } from './core/preset-names.ts';
import { timeZoneNamed } from './core/time-zones.ts';

/** What a setting is for, and what is off or assumed without it: metadata of its schema. */
interface About {
  about: string;
  without: string;
  example?: string;
}

const descriptions = z.registry<About>();

function setting<Schema extends z.ZodType>(
  schema: Schema,
  about: string,
  without: string,
  example?: string,
): Schema {
  const own = schema.clone();
  descriptions.add(own, { about, without, ...(example === undefined ? {} : { example }) });
  return own;
}

const text = z.string().min(1).optional();
const url = z.url({ protocol: /^https?$/ }).optional();
const secrets = z
  .string()
  .regex(/^[^,]{32,}(,[^,]{32,})*$/, 'each must be at least 32 characters long')
  .optional();
const flag = z.stringbool().optional();
const requestsPerMinute = z.coerce.number().int().min(1).max(1_000_000_000).optional();
const isTimeZone = (name: string): boolean => timeZoneNamed(name) !== undefined;
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ }).optional();

/** `credits@example.com`, or with a name `Credits <credits@example.com>`. */
const mailFrom = z
  .string()
  .regex(
    /^(?:[^<>@\p{Cc}]+<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/u,
    'must be an address, or a name and <an address>',
  )
  .optional();

/** Every setting of Scrip, in the order of the README's table. All come from the environment. */
export const Settings = z.object({
  NODE_ENV: setting(
    z.enum(['development', 'production', 'test']).optional(),
    '`production` asks for DATABASE_URL, SESSION_SECRET, ENCRYPTION_KEY and BASE_URL and sets nothing up by itself',
    'development',
  ),
  PORT: setting(
    z.coerce.number().int().min(0).max(65535).optional(),
    'the port to listen on',
    '3000',
  ),
  HOST: setting(
    text,
    'the address to listen on',
    '127.0.0.1 with the embedded database, 0.0.0.0 with DATABASE_URL',
  ),
  BASE_URL: setting(
    url,
    'where people reach Scrip, for links in mails and for what comes back from Stripe and Google',
    'http://localhost:PORT',
    'https://credits.example.com',
  ),
  TRUST_PROXY: setting(
    z.coerce.number().int().min(0).max(10).optional(),
    'how many proxies stand in front, so that the address of the client is known',
    '1 in production, else 0',
  ),
  DATABASE_URL: setting(
    postgresUrl,
    'PostgreSQL 16 or later',
    'an embedded PostgreSQL with demo data in `data/`',
    'postgresql://scrip:secret@db.example.com/scrip',
  ),
  MIGRATION_DATABASE_URL: setting(
    postgresUrl,
    'the same database as the user that owns the tables, so that DATABASE_URL can be one that cannot change them',
    'DATABASE_URL does both',
  ),
  DATABASE_SSL: setting(
    z.enum(['disable', 'require', 'verify']).optional(),
    '`require` encrypts without checking the certificate, `verify` checks it',
    'as DATABASE_URL says',
  ),
  DATABASE_POOL_MAX: setting(
    z.coerce.number().int().min(2).max(200).optional(),
    'connections of each of the two large pools; 13 more are used beside them',
    '10',
  ),
  SESSION_SECRET: setting(
    secrets,
    'signs the session cookies and links in mails; several by comma, the newest first, to change it',
    'made once and kept in `data/`',
  ),
  ENCRYPTION_KEY: setting(
    secrets,
    'encrypts what must be kept secret and be read again: the secrets of webhooks and of one-time codes; several by comma, the newest first, to change it',
    'made once and kept in `data/`',
  ),
  SEAL_KEY: setting(
    secrets,
    'seals the hours of the ledger, so that whoever changes an entry is found out; keep it outside of the database; several by comma, the newest first, to change it',
    'made once and kept in `data/` with the embedded database, else hours are not sealed',
  ),
  RETENTION_DAYS: setting(
    z.coerce.number().int().min(31).max(36_500).optional(),
    'what was said of usage, rollups, the bodies of Stripe events and the texts of mails are forgotten after so many days; entries and their keys never are',
    'everything is kept',
  ),
  RATE_LIMIT_WORKSPACE_KEY: setting(
    requestsPerMinute,
    'requests to the API that a key of a workspace may make in a minute, each of many debits in one counted',
    '6000',
  ),
  RATE_LIMIT_SERVICE_KEY: setting(
    requestsPerMinute,
    'the same for a key of the service',
    '1200000',
  ),
  SCRIP_PRESET: setting(
    z.enum(PRESET_NAMES).optional(),
    'packages, prices and wording: `default`, `leadgen`, `interior`, `recruiter` or `studio`; of a database that has another, the program does not start',
    'the one that the database has, and of a new one `default`',
  ),
  SELLER_NAME: setting(
    text,
    'who sells the credits, as customers know them',
    'the name of the preset’s product, and "demo"',
  ),
  SELLER_ADDRESS: setting(
    text,
    'where the seller is, for invoices: lines by `|`',
    'invoices have no address of the seller',
    'Torstraße 1|10119 Berlin',
  ),
  SELLER_COUNTRY: setting(
    z.string().refine(isCountry, 'must be two letters of ISO 3166, like IN or DE').optional(),
    'the country of that address, two letters',
    'invoices do not say it',
    'DE',
  ),
  SELLER_EMAIL: setting(
    z.email().optional(),
    'where customers ask about an invoice',
    'invoices do not say it',
  ),
  SELLER_TAX_ID: setting(
    text,
    "the seller's tax id (GSTIN, VAT id, another) on invoices",
    'invoices do not say one',
  ),
  SELLER_TIME_ZONE: setting(
    z.string().refine(isTimeZone, 'must be a time zone, like Asia/Kolkata').optional(),
    'the time zone in which invoices are dated, and numbered by year',
    'UTC',
    'Europe/Berlin',
  ),
  SELLER_BANK: setting(
    text,
    'the account for buying by bank transfer: lines by `|`',
    'nobody can buy by bank transfer',
    'Scrip GmbH|IBAN DE02 1203 0000 0000 2020 51|BIC BYLADEM1001',
  ),
  STRIPE_SECRET_KEY: setting(
    z
      .string()
      .regex(/^[sr]k_(test|live)_\w+$/, 'must begin with sk_test_ or sk_live_')
      .optional(),
    'takes payments through Stripe',
    'simulated payments with the embedded database on a loopback address; otherwise buying is off',
  ),
  STRIPE_WEBHOOK_SECRET: setting(
    z
      .string()
      .regex(/^whsec_\w+(,whsec_\w+)*$/, 'must begin with whsec_')
      .optional(),
    'checks that events at /webhooks/stripe come from Stripe; two by comma while it is changed',
    'STRIPE_SECRET_KEY is refused',
  ),
  STRIPE_TAX: setting(
    flag,
    "Stripe Tax adds the tax of the buyer's country on the payment page; set it up at Stripe first",
    'prices are what is paid',
  ),
  STRIPE_API_URL: setting(
    url,
    'another server that speaks Stripe, not in production',
    "Stripe's own",
  ),
  GOOGLE_CLIENT_ID: setting(text, 'sign-in with Google', 'sign-in by e-mail and password only'),
  GOOGLE_CLIENT_SECRET: setting(text, 'sign-in with Google', 'GOOGLE_CLIENT_ID is refused'),
  GOOGLE_AUTHORIZATION_URL: setting(url, 'another OAuth server, not in production', "Google's own"),
  GOOGLE_TOKEN_URL: setting(url, 'another OAuth server, not in production', "Google's own"),
  GOOGLE_USERINFO_URL: setting(url, 'another OAuth server, not in production', "Google's own"),
  SMTP_URL: setting(
    z.url({ protocol: /^smtps?$/ }).optional(),
    'sends mails: `smtp://` encrypts where the server can, `smtps://` from the first byte',
    'mails stay in a local outbox with the embedded database on a loopback address; otherwise mail is off',
    'smtps://scrip:secret@smtp.example.com',
  ),
  MAIL_FROM: setting(
    mailFrom,
    'the address that mails come from, and a name before it if SELLER_NAME is not to be that',
    'SMTP_URL is refused',
    'Example Credits <credits@example.com>',
  ),
  ADMIN_EMAILS: setting(
    text,
    'who becomes super admin at sign-in, by comma; only addresses that are verified, by the mailed link or by Google',
    '`npm run cli -- create-admin` makes the first one',
    'ada@example.com,grace@example.com',
  ),
  WORKER_INLINE: setting(
    flag,
    'the web process does the jobs too, so that one process is enough',
    'on with the embedded database, else off',
  ),
  MIGRATE_ON_BOOT: setting(
    flag,
    'the web process brings the schema up to date when it starts',
    'on with the embedded database, else off',
  ),
  DATA_DIR: setting(text, 'where the embedded database keeps its files', '`data/` in this folder'),
  METRICS_TOKEN: setting(
    z.string().min(32, 'must be at least 32 characters long').optional(),
    'who asks for /metrics has to send it, as `Authorization: Bearer …`',
    'only this machine may ask, and not through a proxy',
  ),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).optional(),
    'how much is logged, a line of JSON each',
    'info in production, else warn',
  ),
});

export type Settings = z.infer<typeof Settings>;

/** The settings with their texts, for the README's table and .env.example. */
export function describedSettings(): (About & { name: string })[] {
  return Object.entries(Settings.shape).map(([name, schema]) => {
    const description = descriptions.get(schema);
    if (description === undefined) throw new Error(`the setting ${name} is not described`);
    return { name, ...description };
  });
}
