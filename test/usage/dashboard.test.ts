import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PERSON, seedDemo } from '../../src/demo.ts';
import { presets } from '../../src/presets/presets.ts';
import { bodyOf, get, newCustomer, newKey, send } from '../support/api.ts';
import { type PastDay, signUpLongAgo, withHistory } from '../support/histories.ts';
import { type Browser, type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let other: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(async () => {
  await program.stop();
  await other.stop();
});

const DAY_MILLISECONDS = 86_400_000;
/** "Thu 26 Nov", so many days after today in UTC. */
const weekday = (days: number): string => {
  const at = new Date(Date.now() + days * DAY_MILLISECONDS);
  const options = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(at);
};

/** Each of so many whole days two images and five messages, which are 6.50 credits. */
const alike = (days: number, images = 2): PastDay[] =>
  Array.from({ length: days }, (_, index) => ({ ago: days - index, images, messages: 5 }));

/** The overview as text: tags are spaces, and there is one space at most. */
async function overviewOf(who: { browser: Browser; slug: string }): Promise<string> {
  const answer = await who.browser.get(`/w/${who.slug}`).expect(200);
  return textOf(answer.text);
}

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');

async function used(days: readonly PastDay[]) {
  const who = await signUpLongAgo(program);
  await withHistory(program, who, days);
  return who;
}

describe('the overview', () => {
  test('L10 L11 tells what was spent, a day and in 28, and when it runs out', async () => {
    const ada = await used([
      { ago: 60, grant: { credits: 500n } },
      ...alike(56).map((day) => (day.ago > 28 ? { ...day, images: 1 } : day)),
      { ago: 0, images: 1 },
    ]);
    const page = await overviewOf(ada);
    // 28 days at 3.50 and 28 at 6.50 before today; 3.00 today.
    expect(page).toContain('Available 217.00 Held for work in progress 0.00 Balance 217.00');
    expect(page).toContain('Burn rate 6.50 a day 182.00 in the 28 days until yesterday');
    expect(page).toContain(', 85.7 % more than in the 28 before');
    // 27 whole days at 6.50 and today; 27 whole at 3.50 and one at 6.50, as labelled.
    expect(page).toContain('Spent in 28 days: 178.50');
    expect(page).toContain('28 days before, 101.00');
    expect(page).toMatch(/Image 165\.00 28 charges, 55 images 92\.4 %/);
    expect(page).toMatch(/Message 13\.50 27 charges, 135 messages 7\.6 %/);
    expect(page).toMatch(/All 178\.50/);
    // 217.00 are enough for 33 days and a little: what is left of today decides which.
    expect([weekday(33), weekday(34)]).toContain(/Runs out (\w+ \d+ \w+) /.exec(page)?.[1]);
    expect(page).toContain('as your week goes');
    const yesterday = new Date(Date.now() - DAY_MILLISECONDS).toISOString().slice(0, 10);
    const day = `/w/${ada.slug}/history?from=${yesterday}&to=${yesterday}&kind=usage`;
    const html = (await ada.browser.get(`/w/${ada.slug}`)).text.replaceAll('&amp;', '&');
    expect(html).toContain(`href="${day}"`);
    expect(textOf((await ada.browser.get(day).expect(200)).text)).toContain('2 images');
    expect(page).toContain('Healthy');
  });

  test('L9 L10 is low when few days are left, says why, and what to buy before which day', async () => {
    const ada = await used([{ ago: 60, grant: { credits: 400n } }, ...alike(56)]);
    const page = await overviewOf(ada);
    expect(page).toContain('Available credits: 36.00 Low');
    expect(page).toContain('less than 7 days left at this rate');
    expect(page).toMatch(/Buy Professional before \w+ 550 credits last you about 85 days\./);
    expect(page).toContain('Buy Professional, $45.00');
    const html = (await ada.browser.get(`/w/${ada.slug}`)).text;
    const href = /class="btn go" href="([^"]+)"/.exec(html)?.[1] ?? '';
    const buying = await ada.browser.get(href).expect(200);
    expect(buying.text).toMatch(/value="professional"[^>]*checked/);
  });

  test('says what expires first, for what it is good, and what of it would go unused', async () => {
    const expires_at = BigInt(Date.now() + 10 * DAY_MILLISECONDS) * 1_000n;
    const ada = await used([
      { ago: 60, grant: { credits: 1_000n } },
      ...alike(56),
      {
        ago: 0,
        grant: { credits: 80n, source: 'reward', expires_at, operations: ['image.generate'] },
      },
    ]);
    const page = await overviewOf(ada);
    expect(page).toMatch(/Next expiry 80\.00 on \d+ \w+ Reward; good for Image only\./);
    // Ten days of images are about 60.00; how much of today is left decides the rest.
    expect(page).toMatch(/At this rate (1[5-9]|2\d)\.\d\d of it goes unused\. The other 636\.00/);
    expect(page).toMatch(/Use 80\.00 credits before \d+ \w+ Reward: at your rate/);
  });

  test('is honest where little is known, and for who is new', async () => {
    const bob = await program.signUp();
    const fresh = await overviewOf({ browser: bob.browser, slug: bob.slug });
    expect(fresh).toContain('Burn rate 0.00 a day Nothing was used in the last 56 days');
    expect(fresh).toContain('Runs out Not by use');
    expect(fresh).not.toContain('Spent in 28 days');
    const ada = await used([{ ago: 9, grant: { credits: 40n } }, ...alike(2)]);
    const early = await overviewOf(ada);
    expect(early).toContain('Burn rate Not yet A rate takes whole days to tell: 1 day more');
    expect(early).toContain('Runs out Not known');
    expect(early).toContain('Healthy');
  });

  test('leads to what verifies an address, and ticks it off as soon as that is done', async () => {
    const { browser, slug, email } = await program.signUp();
    const verified = (at: string) =>
      program.database.query(`update people set email_verified_at = ${at} where email = $1`, [
        email,
      ]);
    await verified('null');
    const html = (await browser.get(`/w/${slug}`)).text;
    expect(html).toContain('<a href="/verify">Verify your e-mail address</a>');
    await verified('now()');
    const page = await overviewOf({ browser, slug });
    expect(page).toContain('Getting started 1 of 3 done Done: Verify your e-mail address To do:');
  });

  test('names the year of an expiry that is in another one', async () => {
    const expires_at = BigInt(Date.now() + 366 * DAY_MILLISECONDS) * 1_000n;
    const ada = await used([{ ago: 9, grant: { credits: 40n, expires_at } }]);
    const year = new Date(Date.now() + 366 * DAY_MILLISECONDS).getUTCFullYear();
    const page = await overviewOf(ada);
    expect(/Next expiry 40\.00 on \d+ \w+ (\d+)/.exec(page)?.[1]).toBe(String(year));
  });

  test('of the demo compares two times four weeks, and offers a larger package than the last', async () => {
    await seedDemo(program.database.connections, presets.default);
    const browser = program.browser();
    const { email, password } = DEMO_PERSON;
    const answer = await browser.post('/sign-in').type('form').send({ email, password });
    const slug = String(answer.headers['location']).replace('/w/', '');
    const page = await overviewOf({ browser, slug });
    expect(page).toMatch(/in the 28 days until yesterday, [\d.]+ % more than in the 28 before/);
    expect(page).toMatch(
      /Buy Business (today|before \w+) 1,150 credits last you about \d+ days\. At \$0\.0696 a credit they cost 30 % less than Starter, which you bought last\./,
    );
    expect(page).toContain('good for Voice call only');
  });

  test('L9 the API tells the same level as the header', async () => {
    const key = await newKey(program);
    const customer = await newCustomer(program, 0n);
    await withHistory(program, customer, [{ ago: 60, grant: { credits: 200n } }, ...alike(29)]);
    const asked = { customer: customer.external_id };
    const balance = await get(program, key, '/balance', asked).expect(200);
    expect(bodyOf(balance)).toMatchObject({ available: '11.5', level: 'critical' });
    const answer = await send(program, key, `/customers/${customer.external_id}/links`, {});
    const browser = program.browser();
    const arrived = await browser.get(String(bodyOf(answer)['url']).slice(program.url.length));
    const page = textOf((await browser.get(String(arrived.headers['location']))).text);
    expect(page).toContain('Available credits: 11.50 Critical');
    // A product's customer has neither plan nor card here, and nothing to start.
    expect(page).toMatch(/Buy Professional (today|before \w+)/);
    expect(page).not.toMatch(/Auto top-up|Getting started|Use credits/);
  });

  test('shows the plan and auto top-up to members, and nothing to set up to who may not', async () => {
    const ada = await used([{ ago: 60, grant: { credits: 40n } }, ...alike(3)]);
    expect(await overviewOf(ada)).toMatch(
      /Buy Professional.*Plan None Look at the plans Auto top-up Off Set it up/,
    );
    await program.database.query(`update memberships set role = 'member' where workspace_id = $1`, [
      ada.workspace_id,
    ]);
    const page = await overviewOf(ada);
    expect(page).toMatch(/Auto top-up Off (?!Set it up)/);
    expect(page).not.toContain('Buy Professional');
  });
});

test("a preset's limits and benchmarks stand on the page, marked as whose they are", async () => {
  other = await testProgram({
    buying: false,
    preset: {
      levels: { low_days: 60n },
      benchmarks: [
        {
          ...{ measure: 'credits_per_charge', operation: 'image.generate', value: '4.20' },
          ...{ label: 'Credits for images at once', source: 'Survey of 212 studios, 2025' },
        },
        { measure: 'credits_per_day', label: 'Credits a day', value: '9', source: 'The same' },
      ],
    },
  });
  const ada = await signUpLongAgo(other);
  await withHistory(other, ada, [{ ago: 60, grant: { credits: 600n } }, ...alike(56)]);
  const page = await overviewOf(ada);
  expect(page).toContain('less than 60 days left at this rate');
  expect(page).toContain('Measure You Industry');
  expect(page).toContain('Credits for images at once Survey of 212 studios, 2025 6.00 4.20');
  expect(page).toContain('Credits a day The same 6.50 9.00');
  // Nothing can be bought here, so nothing is recommended.
  expect(page).not.toContain('Buy Professional');
});
