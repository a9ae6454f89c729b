import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { plural, showFor } from '../../src/lib/formatting.ts';
import {
  isLocalUrl,
  redirect,
  redirectAway,
  sendPage,
  sendParts,
} from '../../src/lib/rendering.ts';
import { DEFAULT_TEXTS } from '../../src/presets/default.ts';

const LOCALS = {
  person: { name: 'Priya <Nair>', email: 'priya@northlight.example' },
  workspace: { name: 'Northlight Talent', slug: 'northlight', base: '/w/northlight' },
  workspaces: [{ name: 'Northlight Talent', slug: 'northlight' }],
  purse: { available_micro: 84_400_000n, seq: 12n, level: 'low' },
  notices: ['Simulated payments: no money moves in this installation.'],
  reader: { time_zone: 'Europe/Amsterdam', locale: 'en' },
  path: '/w/northlight',
  request_id: 'req_1',
  seller: 'Fernway B.V.',
  texts: DEFAULT_TEXTS,
};

const ERROR = {
  status: 503,
  title: 'The ledger is busy',
  happened: 'Your request was not carried out.',
  kept: 'No credit was spent.',
  advice: 'Send it again.',
  next_step: undefined,
  elsewhere: undefined,
};

/** A program with one route, and the signed-in person's locals. */
function programWith(handler: RequestHandler) {
  const app = express();
  app.use((_req, res, next) => {
    Object.assign(res.locals, LOCALS);
    next();
  });
  app.get('/', handler);
  app.use(((error: Error, _req, res, next) => {
    if (res.headersSent) next(error);
    else res.status(500).send(error.message);
  }) satisfies express.ErrorRequestHandler);
  return request(app);
}

describe('sendPage', () => {
  const program = programWith((req, res) => sendPage(req, res, 'error', ERROR, 503));

  test('puts a page into the layout, with its title, the purse and the notices', async () => {
    const { status, text, headers } = await program.get('/');
    expect(status).toBe(503);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'Accept-Encoding, HX-Request-Type',
    });
    expect(text).toContain('<title>The ledger is busy · Scrip</title>');
    expect(text).toContain('<h1>The ledger is busy</h1>');
    expect(text).toContain('84.40');
    expect(text).toContain('no money moves in this installation');
    expect(text).toContain('<code>req_1</code>');
  });

  test('is packed for whoever takes it, and the same page', async () => {
    const plain = await program.get('/').set('Accept-Encoding', 'identity');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    for (const [accepted, encoding] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['gzip, br;q=0', 'gzip'],
    ] as const) {
      const packed = await program.get('/').set('Accept-Encoding', accepted);
      expect(packed.headers['content-encoding'], accepted).toBe(encoding);
      expect(Number(packed.headers['content-length'])).toBeLessThan(plain.text.length / 2);
      expect(packed.text).toBe(plain.text);
    }
  });

  test('leaves the layout out when htmx asks for a part', async () => {
    const { text, headers } = await program.get('/').set('HX-Request-Type', 'partial');
    expect(text).toContain('The ledger is busy');
    expect(text).not.toContain('<html');
    expect(headers['vary']).toBe('Accept-Encoding, HX-Request-Type');
  });

  test('sends the whole page to htmx when it restores history', async () => {
    const { text } = await program.get('/').set({
      'HX-Request': 'true',
      'HX-Request-Type': 'full',
      'HX-History-Restore-Request': 'true',
    });
    expect(text).toContain('<html');
  });

  test('escapes what people wrote', async () => {
    const { text } = await program.get('/');
    expect(text).toContain('Priya &lt;Nair&gt;');
    expect(text).not.toContain('<Nair>');
  });

  test('fails on a value that is missing, rather than to print "undefined"', async () => {
    const broken = programWith((req, res) =>
      sendPage(req, res, 'error', { ...ERROR, title: null }),
    );
    const { status, text } = await broken.get('/');
    expect(status).toBe(500);
    expect(text).toContain('a template printed null');
  });
});

describe('sendParts', () => {
  test('answers with several parts, each without a layout', async () => {
    const program = programWith((_req, res) =>
      sendParts(
        res,
        [
          { view: 'error', data: ERROR },
          {
            view: '_purse-update',
            data: {
              workspace: { base: '/w/acme' },
              purse: { available_micro: 1_250_000n, seq: 13n, level: 'critical' },
            },
          },
        ],
        402,
      ),
    );
    const { status, text } = await program.get('/');
    expect(status).toBe(402);
    expect(text).toContain('The ledger is busy');
    expect(text).toContain('<hx-partial hx-target="#purse"');
    expect(text).toContain('1.25');
    expect(text).toContain('Critical');
    expect(text).not.toContain('<html');
  });
});

describe('redirect', () => {
  const program = programWith((req, res) => redirect(req, res, '/w/northlight'));

  test('sends a browser on by 303', async () => {
    const { status, headers } = await program.get('/');
    expect(status).toBe(303);
    expect(headers['location']).toBe('/w/northlight');
  });

  test('sends htmx on by HX-Redirect, since it would swap the other page in', async () => {
    const { status, headers } = await program.get('/').set('HX-Request', 'true');
    expect(status).toBe(204);
    expect(headers['hx-redirect']).toBe('/w/northlight');
    expect(headers['location']).toBeUndefined();
  });

  test('refuses to leave the site', async () => {
    const away = programWith((req, res) => redirect(req, res, '//evil.example'));
    expect((await away.get('/')).status).toBe(500);
  });

  test('leaves the site only for an origin that is allowed', async () => {
    const allowed = ['https://checkout.stripe.com'];
    const goTo = (url: string) =>
      programWith((req, res) => redirectAway(req, res, url, allowed)).get('/');
    const there = await goTo('https://checkout.stripe.com/c/pay/cs_1');
    expect(there.headers['location']).toBe('https://checkout.stripe.com/c/pay/cs_1');
    expect((await goTo('https://checkout.stripe.com.evil.example/')).status).toBe(500);
    expect((await goTo('javascript:alert(1)')).status).toBe(500);
  });
});

describe('isLocalUrl', () => {
  test.each(['/', '/w/acme/buy?from=use#sum', '/a//b', '/%2F%2Fhost'])('takes %s', (url) => {
    expect(isLocalUrl(url)).toBe(true);
  });

  test.each(['', 'w', '//host', '/\\host', '/\t/host', 'https://host/', 'javascript:alert(1)'])(
    'does not take %j',
    (url) => {
      expect(isLocalUrl(url)).toBe(false);
    },
  );
});

describe('what a reader sees', () => {
  const at = new Date('2026-11-20T23:05:07Z');
  let amsterdam: ReturnType<typeof showFor>;

  beforeAll(() => {
    amsterdam = showFor({ time_zone: 'Europe/Amsterdam', locale: 'en' });
  });

  test('is in the zone of the reader, day and all', () => {
    expect(amsterdam.day(at)).toBe('Saturday 21 November');
    expect(amsterdam.isoDay(at)).toBe('2026-11-21');
    expect(amsterdam.time(at)).toBe('00:05');
    expect(amsterdam.seconds(at)).toBe('00:05:07');
    expect(amsterdam.dateTime(at)).toBe('21 November 2026, 00:05');
    expect(amsterdam.zone).toBe('Amsterdam');
    expect(showFor({ time_zone: 'UTC', locale: 'en' }).isoDay(at)).toBe('2026-11-20');
  });

  test('has dates as the locale writes them, while the words stay English', () => {
    expect(showFor({ time_zone: 'UTC', locale: 'en-US' }).date(at)).toBe('November 20, 2026');
    expect(showFor({ time_zone: 'UTC', locale: 'de-DE' }).date(at)).toBe('20 November 2026');
  });

  test('has figures in two parts, of which the decimals step back', () => {
    expect(amsterdam.hero(1_284_400_000n)).toEqual({ whole: '1,284', fraction: '.40' });
    expect(amsterdam.hero(-9_000_000n)).toEqual({ whole: '−9', fraction: '.00' });
  });

  test('has whole credits without decimals inside a sentence', () => {
    expect(amsterdam.plain(1_000_000_000n)).toBe('1,000');
    expect(amsterdam.plain(500_000n)).toBe('0.50');
  });

  test('has counts with commas and money with its sign', () => {
    expect(amsterdam.count(1200n)).toBe('1,200');
    expect(amsterdam.money(4500n, 'USD')).toBe('$45.00');
    expect(amsterdam.pricePerCredit(4500n, 'USD', 550_000_000n)).toBe('$0.0818');
  });

  test.each([
    ['call', 1, 'call'],
    ['call', '16', 'calls'],
    ['search', 5n, 'searches'],
    ['entry', 2, 'entries'],
    ['MB', '3.4', 'MB'],
    ['min', 4, 'min'],
  ])('%s, %s times, is called %s', (unit, quantity, word) => {
    expect(plural(unit, quantity)).toBe(word);
  });
});
