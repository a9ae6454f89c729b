import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PeopleOptions } from '../../src/people/options.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { agree, anybody, appWithGoogle, startGoogle } from './google-stand-in.ts';
import { cookiesOf, randomIp, visitor } from './people-app.ts';

let database: TestDatabase;
let google: Awaited<ReturnType<typeof startGoogle>>;
beforeAll(async () => {
  database = await testDatabase();
  google = await startGoogle();
});
beforeEach(() => {
  Object.assign(google.state, { identity: anybody(), answer: 200, asked: [] });
});
afterAll(async () => {
  await google.stop();
  await database.drop();
});

const googleApp = (changes: Partial<PeopleOptions> = {}) =>
  appWithGoogle(database, google.options, changes);

describe('attack 10: what comes back from Google', () => {
  it.each([
    ['consent was denied', 'error=access_denied', 403, 'denied'],
    ['Google failed', 'error=server_error&error_description=%3Cb%3E', 400, 'state'],
    ['nothing was said', '', 400, 'state'],
    ['there is no state', 'code=abc', 400, 'state'],
    ['the state is forged', 'code=abc&state=forged', 400, 'state'],
    ['fields came twice', 'code=a&code=b&state=c&state=d', 400, 'state'],
    ['a field is nested', 'code[x]=a&state[]=c', 400, 'state'],
  ])('opens no session when %s', async (_what, query, status, failure) => {
    const { app, failures } = googleApp();
    const browser = visitor(app);
    await agree(browser);
    const answer = await browser.get(`/auth/google/callback?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('You are not signed in.');
    expect(answer.text).not.toContain('<b>');
    expect(failures).toEqual([failure]);
    expect(cookiesOf(answer)).not.toContain('sid=s');
    await browser.get('/me').expect(303);
  });

  it('opens no session for a code of another browser, or one that was used', async () => {
    const { app, failures } = googleApp();
    const attacker = visitor(app);
    const victim = visitor(app);
    const attackers = await agree(attacker);
    const victims = await agree(victim);
    await victim.get(attackers.path).expect(400);
    const mixed = new URL((await agree(victim)).back);
    mixed.searchParams.set('code', attackers.back.searchParams.get('code') ?? '');
    await victim.get(mixed.pathname + mixed.search).expect(502);
    const used = await agree(victim);
    used.back.searchParams.set('code', victims.back.searchParams.get('code') ?? '');
    await victim.get(used.back.pathname + used.back.search).expect(502);
    await victim.get('/me').expect(303);
    expect(failures).toEqual(['state', 'exchange', 'exchange']);
  });

  it('opens no session when it comes back after ten minutes', async () => {
    const { app } = googleApp();
    const browser = visitor(app);
    const { path } = await agree(browser);
    const open = await database.query<{ seconds: number }>(
      `select extract(epoch from expire - now())::int as seconds from sessions
       where sess::jsonb ? 'google_next'`,
    );
    expect(Math.max(...open.map((one) => one.seconds))).toBeLessThanOrEqual(601);
    await database.query(`update sessions set expire = now() - interval '1 second'`);
    await browser.get(path).expect(400);
  });

  it('is a sentence when Google has a fault, and says nothing of the fault', async () => {
    const { app } = googleApp();
    const browser = visitor(app);
    google.state.answer = 500;
    const answer = await browser.get((await agree(browser)).path).expect(502);
    expect(answer.text).toContain('Google did not confirm who you are.');
    expect(answer.text).not.toContain(google.state.identity.email);
    const unreachable = { ...google.options, tokenUrl: 'http://127.0.0.1:1/token' };
    const other = visitor(googleApp({ google: unreachable }).app, randomIp());
    await other.get((await agree(other)).path).expect(502);
  });

  it('goes nowhere but to a page of ours', async () => {
    const { app } = googleApp();
    for (const next of ['//evil.example', '/\\evil.example', 'https:evil.example']) {
      google.state.identity = anybody();
      const browser = visitor(app);
      const answer = await browser.get((await agree(browser, next)).path).expect(303);
      expect(answer.headers['location']).toMatch(/^\/home-of\//);
    }
  });
});
