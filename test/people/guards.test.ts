import express, { type NextFunction, type Request, type Response } from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/lib/errors.ts';
import { parseForm } from '../../src/lib/forms.ts';
import { clientOf, localPath, sameOrigin, signedIn } from '../../src/lib/guards.ts';

function guarded(baseUrl: string) {
  const app = express();
  app.use(sameOrigin(baseUrl));
  app.all('/things', (_req, res) => {
    res.end('done');
  });
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (error instanceof AppError) res.status(error.status).json({ code: error.code });
    else next(error);
  });
  return app;
}

describe('attack 18: the same-origin guard', () => {
  const ours = 'https://scrip.example';
  it.each([
    ['our own page', { 'Sec-Fetch-Site': 'same-origin', Origin: ours }, 200],
    ['our own page without Origin', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }, 200],
    ['no page but with our Origin', { 'Sec-Fetch-Site': 'none', Origin: ours }, 200],
    ['no page but with another Origin', { 'Sec-Fetch-Site': 'none', Origin: 'null' }, 403],
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }, 403],
    ['another site with our Origin', { 'Sec-Fetch-Site': 'cross-site', Origin: ours }, 403],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://x.scrip.example' }, 403],
    ['an older browser on our page', { Origin: ours }, 200],
    ['an older browser on another page', { Origin: 'https://evil.example' }, 403],
    ['a page without an origin', { Origin: 'null' }, 403],
    ['our host by another scheme', { Origin: 'http://scrip.example' }, 403],
    ['something that says neither', {}, 403],
  ])('answers a POST from %s', async (_from, headers, status) => {
    const answer = await request(guarded(ours)).post('/things').set(headers);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toEqual({ code: 'cross_origin' });
  });

  it('looks at every unsafe method and body, and at no safe one', async () => {
    const app = guarded(ours);
    for (const method of ['post', 'put', 'patch', 'delete'] as const)
      await request(app)[method]('/things').expect(403);
    await request(app).post('/things').type('text/plain').send('{"a":1}').expect(403);
    for (const method of ['get', 'head', 'options'] as const)
      await request(app)[method]('/things').expect(200);
  });

  it('takes the host that was asked as ours where the base URL is this machine', async () => {
    const post = (base: string, host: string, origin: string) =>
      request(guarded(base)).post('/things').set({ Host: host, Origin: origin });
    expect((await post('http://localhost:3000', 'pc:3000', 'http://pc:3000')).status).toBe(200);
    expect((await post('http://127.0.0.1:3000', 'pc:3000', 'http://evil.example')).status).toBe(
      403,
    );
    expect((await post(ours, 'pc:3000', 'http://pc:3000')).status).toBe(403);
  });
});

describe('the sign-in guard', () => {
  const app = express();
  app.use(signedIn);

  it('sends a page to sign-in and remembers it', async () => {
    const answer = await request(app).get('/w/acme/history?page=2').expect(303);
    expect(answer.headers['location']).toBe('/sign-in?next=%2Fw%2Facme%2Fhistory%3Fpage%3D2');
    expect((await request(app).get('/')).headers['location']).toBe('/sign-in');
    expect((await request(app).get('//evil.example/')).headers['location']).toBe('/sign-in');
  });

  it('remembers the page that a form or a part was on', async () => {
    const from = (referrer: string) => ({ Host: 'scrip.test', Referer: referrer });
    const form = await request(app).post('/w/acme/use').set(from('http://scrip.test/w/acme/use'));
    expect(form.status).toBe(303);
    expect(form.headers['location']).toBe('/sign-in?next=%2Fw%2Facme%2Fuse');
    const elsewhere = await request(app).post('/w/acme/use').set(from('http://evil.test/x'));
    expect(elsewhere.headers['location']).toBe('/sign-in');
  });

  it('answers a part with 401, for htmx would swap the sign-in page into it', async () => {
    const answer = await request(app)
      .get('/w/acme/_purse')
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .set({ Host: 'scrip.test', Referer: 'http://scrip.test/w/acme?x=1' })
      .expect(401);
    expect(answer.headers['hx-redirect']).toBe('/sign-in?next=%2Fw%2Facme%3Fx%3D1');
    expect(answer.text).toBe('');
  });
});

describe('attack 21: a path to go on to', () => {
  it.each(['/', '/w/acme', '/w/acme/buy?package=1#top', '/?q=//evil', '/a/%C3%A9', '/w/a%20b'])(
    'may be %s',
    (path) => expect(localPath(path)).toBe(path),
  );

  it.each([
    '//evil',
    '///evil',
    '/\\evil',
    '\\\\evil',
    'https:evil',
    'https://evil',
    'javascript:alert(1)',
    '%2f%2fevil',
    '/%2fevil',
    '/%2F%2Fevil',
    '/%5cevil',
    '/%255cevil',
    '/%25252fevil',
    '/.//evil',
    '/a/..//evil',
    '/\t/evil',
    '/\n/evil',
    '\t//evil',
    ' /a',
    '/%09/evil',
    '/a%0d%0aSet-Cookie:x',
    '/a\r\nSet-Cookie:x',
    '/\u0000',
    '/%zz',
    '',
    'evil',
    '@evil',
    `/${'a'.repeat(3000)}`,
    undefined,
    null,
    ['/a', '/b'],
    { toString: () => '/a' },
  ])('is home instead of %j', (path) => expect(localPath(path)).toBe('/'));
});

describe('a client', () => {
  it('is an IPv4 address, or the network of an IPv6 address', async () => {
    const app = express().set('trust proxy', 1);
    app.get('/', (req, res) => res.send(clientOf(req)));
    const from = async (ip: string) =>
      (await request(app).get('/').set('X-Forwarded-For', ip)).text;
    expect(await from('203.0.113.9')).toBe('203.0.113.9');
    expect(await from('::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(await from('2001:db8:0:1::5')).toBe('2001:db8:0:1');
    expect(await from('2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:0:1');
    expect(await from('2001:db8::1')).toBe('2001:db8:0:0');
    expect(await from('::1')).toBe('0:0:0:0');
  });
});

describe('a form', () => {
  const schema = z.object({
    title: z.string().min(1, 'Give it a title.').max(3, 'Too long.'),
    password: z.string(),
    colour: z.string('Choose a colour.'),
    amount: z.coerce.number('This is not a number.'),
  });

  it('is its data, or the first sentence for each field with what was typed', () => {
    const good = { title: 'abc', password: 'x', colour: 'red', amount: '4' };
    expect(parseForm(schema, good)).toEqual({
      ok: true,
      data: { ...good, amount: 4 },
      values: { title: 'abc', colour: 'red', amount: '4' },
    });
    expect(parseForm(schema, { title: '', amount: 'x', password: 'secret', more: '1' })).toEqual({
      ok: false,
      values: { title: '', amount: 'x' },
      errors: {
        title: 'Give it a title.',
        colour: 'Choose a colour.',
        amount: 'This is not a number.',
      },
    });
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [['a']],
    [Object.create(null)],
    [JSON.parse('{"__proto__":{"title":"a"},"constructor":"b"}')],
  ])('says what is missing when it gets %j', (body: unknown) => {
    expect(parseForm(schema, body)).toMatchObject({
      ok: false,
      values: {},
      errors: { title: 'Fill in this field.', colour: 'Choose a colour.' },
    });
  });

  it('asks for one value where several came', () => {
    const body = { title: ['a', 'b'], password: { $ne: '' }, colour: 'red', amount: '1' };
    expect(parseForm(schema, body)).toMatchObject({
      errors: {
        title: 'Give one value for this field.',
        password: 'Give one value for this field.',
      },
    });
  });
});
