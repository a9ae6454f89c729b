import { describe, expect, test } from 'vitest';
import { type Config, ConfigError, parseConfig } from '../src/config.ts';

const SECRET = 'a-secret-of-more-than-32-characters';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://scrip:pw@db.example.com/scrip',
  SESSION_SECRET: SECRET,
  ENCRYPTION_KEY: SECRET,
  BASE_URL: 'https://credits.example.com/',
};

/** The faults that settings are refused for, a line each; none when they are taken. */
function faultsOf(environment: Record<string, string>): string[] {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}

describe('with no settings at all', () => {
  test('it runs on the embedded database, for this machine only, and does everything itself', () => {
    expect(parseConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      baseUrl: 'http://localhost:3000',
      trustProxy: 0,
      database: undefined,
      sessionSecrets: [],
      preset: undefined,
      stripe: undefined,
      google: undefined,
      adminEmails: [],
      workerInline: true,
      migrateOnBoot: true,
    } satisfies Partial<Config>);
  });

  test('blanks count as absent', () => {
    const blanks = { DATABASE_URL: '', PORT: ' ', STRIPE_SECRET_KEY: '\t', WORKER_INLINE: '' };
    expect(parseConfig(blanks)).toEqual(parseConfig({}));
  });

  test('variables of other programs are ignored', () => {
    expect(parseConfig({ PATH: '/usr/bin', HOME: '/root' })).toEqual(parseConfig({}));
  });

  test('port 0 leaves the URL open until the port is known', () => {
    expect(parseConfig({ PORT: '0' })).toMatchObject({ port: 0, baseUrl: undefined });
  });
});

describe('with DATABASE_URL', () => {
  test('it listens to all, and leaves jobs and migrations to processes of their own', () => {
    expect(parseConfig({ DATABASE_URL: PRODUCTION.DATABASE_URL })).toMatchObject({
      host: '0.0.0.0',
      database: { url: PRODUCTION.DATABASE_URL, appUser: undefined },
      databaseSsl: undefined,
      workerInline: false,
      migrateOnBoot: false,
    });
  });

  test('an owner of its own migrates, and the program keeps the lesser user', () => {
    const owner = 'postgresql://owner:pw@db.example.com/scrip';
    const config = parseConfig({ ...PRODUCTION, MIGRATION_DATABASE_URL: owner });
    expect(config.database).toEqual({
      url: PRODUCTION.DATABASE_URL,
      migrationUrl: owner,
      appUser: 'scrip',
    });
  });

  test.each([
    ['disable', false],
    ['require', { rejectUnauthorized: false }],
    ['verify', { rejectUnauthorized: true }],
  ])('DATABASE_SSL=%s is said to the driver', (DATABASE_SSL, expected) => {
    expect(parseConfig({ ...PRODUCTION, DATABASE_SSL }).databaseSsl).toEqual(expected);
  });

  test('MIGRATION_DATABASE_URL alone is refused', () => {
    const [fault] = faultsOf({ MIGRATION_DATABASE_URL: PRODUCTION.DATABASE_URL });
    expect(fault).toMatch(/^DATABASE_URL is missing/);
  });
});

describe('in production', () => {
  test('it takes what it needs', () => {
    expect(parseConfig(PRODUCTION)).toMatchObject({
      production: true,
      baseUrl: 'https://credits.example.com',
      trustProxy: 1,
      sessionSecrets: [SECRET],
    });
  });

  test('it names all that is missing at once', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^DATABASE_URL is missing: /),
      expect.stringMatching(/^SESSION_SECRET is missing: /),
      expect.stringMatching(/^ENCRYPTION_KEY is missing: /),
      expect.stringMatching(/^BASE_URL is missing: /),
    ]);
  });

  test('a blank secret is a missing one', () => {
    expect(faultsOf({ ...PRODUCTION, SESSION_SECRET: '  ' })).toEqual([
      expect.stringMatching(/^SESSION_SECRET is missing: /),
    ]);
  });

  test('the URLs of other servers for Stripe and Google are ignored', () => {
    const settings = {
      STRIPE_SECRET_KEY: 'sk_test_abc',
      STRIPE_WEBHOOK_SECRET: 'whsec_abc',
      STRIPE_API_URL: 'http://127.0.0.1:9',
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
      GOOGLE_AUTHORIZATION_URL: 'http://127.0.0.1:9/authorize',
      GOOGLE_TOKEN_URL: 'http://127.0.0.1:9/token',
      GOOGLE_USERINFO_URL: 'http://127.0.0.1:9/userinfo',
    };
    const google = { clientId: 'id', clientSecret: 'secret' };
    expect(parseConfig(settings)).toMatchObject({
      stripe: { apiUrl: settings.STRIPE_API_URL },
      google: {
        ...google,
        authorizationUrl: settings.GOOGLE_AUTHORIZATION_URL,
        tokenUrl: settings.GOOGLE_TOKEN_URL,
        userinfoUrl: settings.GOOGLE_USERINFO_URL,
      },
    });
    expect(parseConfig({ ...PRODUCTION, ...settings })).toMatchObject({
      stripe: { apiUrl: undefined },
      google: {
        ...google,
        authorizationUrl: undefined,
        tokenUrl: undefined,
        userinfoUrl: undefined,
      },
    });
  });
});

describe('a setting that cannot be used is named', () => {
  test.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['PORT', '3000.5'],
    ['NODE_ENV', 'prod'],
    ['BASE_URL', 'credits.example.com'],
    ['DATABASE_URL', 'mysql://db/scrip'],
    ['SESSION_SECRET', 'too short'],
    ['STRIPE_SECRET_KEY', 'pk_live_abc'],
    ['STRIPE_WEBHOOK_SECRET', 'secret'],
    ['WORKER_INLINE', 'perhaps'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s', (name, value) => {
    expect(faultsOf({ STRIPE_WEBHOOK_SECRET: 'whsec_abc', [name]: value })).toEqual([
      expect.stringMatching(`^${name}: `),
    ]);
  });

  test('what is wrong and what is missing are told at once', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PORT: 'eighty' });
    expect(faults.join()).toMatch(/PORT.*DATABASE_URL.*SESSION_SECRET.*BASE_URL/);
  });

  test('each of several session secrets is long enough', () => {
    const short = `${'a'.repeat(32)},short`;
    expect(faultsOf({ SESSION_SECRET: short })).toEqual([expect.stringMatching(/SESSION_SECRET/)]);
  });

  test('and never shown, since it may be a secret', () => {
    const secret = 'pk_live_do_not_show';
    expect(faultsOf({ STRIPE_SECRET_KEY: secret }).join()).not.toContain(secret);
    expect(faultsOf({ SESSION_SECRET: 'do not show' }).join()).not.toContain('do not show');
    expect(faultsOf({ DATABASE_URL: 'mysql://u:pw@db/x' }).join()).not.toContain('pw');
  });

  test('together with all others', () => {
    expect(faultsOf({ PORT: 'eighty', LOG_LEVEL: 'loud' })).toHaveLength(2);
  });
});

describe('half of a pair is refused', () => {
  test('a Stripe key without the secret that its events are checked with', () => {
    expect(faultsOf({ STRIPE_SECRET_KEY: 'sk_live_abc' })).toEqual([
      expect.stringMatching(/^STRIPE_WEBHOOK_SECRET is missing: /),
    ]);
  });

  test('a Google client without its secret', () => {
    expect(faultsOf({ GOOGLE_CLIENT_ID: 'id' })).toEqual([
      expect.stringMatching(/^GOOGLE_CLIENT_SECRET is missing: /),
    ]);
  });
});

describe('lists by comma', () => {
  test('may hold spaces and empty places', () => {
    expect(parseConfig({ ADMIN_EMAILS: ' a@example.com, ,b@example.com,' }).adminEmails).toEqual([
      'a@example.com',
      'b@example.com',
    ]);
  });

  test('hold several session secrets while one is changed', () => {
    const older = 'an-older-secret-of-over-32-characters';
    expect(parseConfig({ SESSION_SECRET: `${SECRET},${older}` }).sessionSecrets).toEqual([
      SECRET,
      older,
    ]);
  });
});
