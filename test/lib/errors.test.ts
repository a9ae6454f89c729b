import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false, demo: true });
});
afterAll(() => program.stop());

const PART = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
const CASES = [
  [403, 'not_allowed', 'This is not allowed'],
  [404, 'not_found', 'There is nothing here'],
  [422, 'example', 'This cannot be taken'],
  [429, 'too_many_requests', 'Too many tries'],
  [500, 'internal', 'Something went wrong'],
  [503, 'busy', 'Not available at the moment'],
] as const;
const pathOf = (status: number): string => `/style/errors/${status}`;

describe.each(CASES)('an error %i', (status, code, title) => {
  test('is a page in our own words, with the number of the request and a way on', async () => {
    const answer = await program
      .browser()
      .get(pathOf(status))
      .set('Accept', 'text/html')
      .set('X-Request-Id', 'a-request-of-mine')
      .expect(status);
    expect(answer.text).toContain('<!doctype html>');
    expect(answer.text).toContain(`<h1>${title}</h1>`);
    expect(answer.text).toContain('<code>a-request-of-mine</code>');
    expect(answer.text).toMatch(/class="btn go" href="\/[^"]*"/);
    expect(answer.text).not.toContain('was asked to fail');
  });

  test('is a part where htmx asked for one, whose heading takes the focus', async () => {
    const answer = await program.browser().get(pathOf(status)).set(PART).expect(status);
    expect(answer.text).not.toContain('<html');
    expect(answer.text).toMatch(/<h2[^>]* data-focus>/);
    expect(answer.text).toContain(title);
    expect(answer.text).toMatch(/Request <code>req_\w+<\/code>/);
  });

  test('is a problem (RFC 9457) for a program', async () => {
    const answer = await program
      .browser()
      .get(pathOf(status))
      .set('Accept', 'application/json')
      .expect(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem: unknown = JSON.parse(answer.text);
    expect(problem).toMatchObject({ status, code, request_id: answer.headers['x-request-id'] });
    expect(answer.text).not.toContain('was asked to fail');
  });
});

describe('the way on from an error', () => {
  const sent = (status: number, from: string) =>
    program
      .browser()
      .post(pathOf(status))
      .set({ Accept: 'text/html', Referer: `${program.url}${from}` })
      .expect(status);

  test('leads back to the form that was sent, and says that nothing was changed', async () => {
    const answer = await sent(422, '/sign-up?next=%2Fw');
    expect(answer.text).toContain('href="/sign-up?next=%2Fw">Back to the page</a>');
    expect(answer.text).toContain('Nothing was changed.');
    expect((await sent(500, '/sign-up')).text).toContain('what costs credits is counted once');
  });

  test('is to ask again where that may help, and says when', async () => {
    const get = (status: number) =>
      program.browser().get(pathOf(status)).set('Accept', 'text/html');
    for (const status of [429, 500, 503]) {
      expect((await get(status)).text).toContain(`href="${pathOf(status)}">Try again</a>`);
    }
    const busy = await get(503);
    expect(busy.headers['retry-after']).toBe('5');
    expect(busy.text).toContain('Try it again in 5 seconds.');
    expect((await get(404)).text).not.toContain('Try again');
  });

  test('attack 20: never leads to another site', async () => {
    const answer = await program
      .browser()
      .get('//evil.example/%2e%2e/style/errors/500')
      .set('Accept', 'text/html');
    expect(answer.text).not.toContain('href="//');
    const posted = await program
      .browser()
      .post(pathOf(422))
      .set({ Accept: 'text/html', Referer: 'https://evil.example/phish' });
    expect(posted.text).not.toContain('evil.example');
  });
});
