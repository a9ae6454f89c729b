import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Server,
  type Settings,
  commandsIn,
  dataFolder,
  freePort,
  run,
  signUp,
  startServer,
} from './started.ts';

const data = await dataFolder();
let server: Server;
let port: string;
beforeAll(async () => {
  port = await freePort();
  server = await startServer({ DATA_DIR: data, PORT: port });
});
afterAll(async () => {
  await server.stop();
});

/** What a server says that cannot start with these settings. */
async function refusal(settings: Settings): Promise<string> {
  const { code, out, err } = await run(['src/server.ts'], { PORT: '0', ...settings }).ended;
  expect([code, out]).toEqual([1, '']);
  expect(err).not.toMatch(/^ +at /m);
  return err;
}

describe('node src/server.ts without settings', () => {
  test('serves at PORT, and says where, as whom to look around, and that no money moves', async () => {
    expect(server.said()).toEqual({
      out: [
        `Scrip is ready: http://localhost:${port}`,
        '  Look around as demo@scrip.example, password prepaid-demo',
        '  Payments are simulated: no money moves.',
        '  Sign-in with Google is off: set GOOGLE_CLIENT_ID.',
        `  Mails are not sent, but shown: http://localhost:${port}/outbox`,
        '',
      ].join('\n'),
      err: '',
    });
    await server.browser().get('/').expect(200);
    expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('ok');
    expect(await (await fetch(`${server.url}/readyz`)).text()).toBe('ready');
  });

  test('lets the demo person in, with a history that adds up', async () => {
    const browser = server.browser();
    const person = { email: 'demo@scrip.example', password: 'prepaid-demo' };
    const { headers } = await browser.post('/sign-in').type('form').send(person).expect(303);
    const overview = await browser.get(String(headers['location'])).redirects(2).expect(200);
    expect(overview.text).toContain('Simulated payments: no money moves in this installation.');
    expect(await run(['src/cli.ts', 'verify'], { DATA_DIR: data }).ended).toMatchObject({
      code: 0,
      out: 'The ledger adds up.\n',
      err: '',
    });
  });

  test('on an address that others reach it simulates no payments and offers no demo person', async () => {
    const open = await startServer({ DATA_DIR: data, HOST: '0.0.0.0' });
    expect(open.said().out).not.toContain('Look around');
    expect(open.said().out).toContain('Buying is off: set STRIPE_SECRET_KEY');
    const page = await open.browser().get('/sign-in').expect(200);
    expect(page.text).not.toContain('demo@scrip.example');
    const { browser, slug } = await signUp(open.browser());
    const buy = await browser.get(`/w/${slug}/buy`).expect(200);
    expect(buy.text).toContain('has no payment provider yet');
    expect(await open.stop()).toMatchObject({ code: 0, err: '' });
    // The database that both used is still there for the first.
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});

describe('a server that cannot start', () => {
  test('says in a sentence that its port is taken, and has started nothing', async () => {
    const other = await dataFolder();
    const said = await refusal({ DATA_DIR: other, PORT: port });
    expect(said).toBe(
      `Port ${port} is taken by another program. Stop that one, or choose another: PORT=${Number(port) + 1} npm start\n`,
    );
    expect(commandsIn(other)).toEqual([]);
  });

  test('names all that production lacks at once', async () => {
    const said = await refusal({ NODE_ENV: 'production' });
    expect(said.match(/^ {2}\w+ is missing/gm)).toEqual([
      '  DATABASE_URL is missing',
      '  SESSION_SECRET is missing',
      '  ENCRYPTION_KEY is missing',
      '  BASE_URL is missing',
    ]);
  });

  test('says that the database of DATABASE_URL does not answer', async () => {
    const database = `postgresql://scrip:secret@127.0.0.1:${await freePort()}/scrip`;
    const said = await refusal({ DATABASE_URL: database });
    expect(said).toMatch(/^DATABASE_URL cannot be used\.\nconnect ECONNREFUSED [\d.:]+\n$/);
  });

  test('says which of its own files is damaged, and leaves nothing running', async () => {
    const other = await dataFolder();
    await writeFile(path.join(other, 'default'), 'a file in place of a folder');
    const place = path.join(other, 'default');
    expect(await refusal({ DATA_DIR: other })).toContain(
      `Nothing can be kept in ${place}. Make it writable, or name another folder in DATA_DIR.`,
    );
    expect(commandsIn(other)).toEqual([]);
  });
});
