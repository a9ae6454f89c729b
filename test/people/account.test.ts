import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;

beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const PROFILE = { name: 'Ada King', time_zone: 'Asia/Kolkata', locale: 'de-DE' };

function keep(customer: Customer, changes: Record<string, string> = {}) {
  return customer.browser
    .post('/account')
    .type('form')
    .send({ ...PROFILE, ...changes });
}

function send(customer: Customer, picture: Buffer, name = 'me.jpg') {
  return customer.browser.post('/account/picture').attach('picture', picture, name);
}

describe('the profile', () => {
  test('is followed by every page from then on', async () => {
    const ada = await program.signUp();
    await keep(ada).expect(303).expect('Location', '/account?kept=yes');
    const page = await ada.browser.get('/account').expect(200);
    expect(page.text).toContain('value="Ada King"');
    expect(page.text).toContain('<option selected>Asia/Kolkata</option>');
    const home = await ada.browser.get(`/w/${ada.slug}`).expect(200);
    expect(home.text).toMatch(/<span class="frac">,00/);
    expect(home.text).toContain('Kolkata');
  });

  test('says in the audit what was changed, and not into what', async () => {
    const ada = await program.signUp();
    await keep(ada);
    await keep(ada);
    const [me] = await program.database.query<{ id: string }>(
      'select id from people where email = $1',
      [ada.email],
    );
    const events = await program.database.query(
      `select after from audit_events where action = 'person.profile_changed' and subject_id = $1`,
      [me?.id],
    );
    expect(events).toEqual([{ after: { changed: ['name', 'time_zone', 'locale'] } }]);
  });

  test.each([
    ['a zone that is none', { time_zone: 'Mars/Olympus' }, 'Choose a time zone.'],
    ['a distance for a zone', { time_zone: '+05:17' }, 'Choose a time zone.'],
    ['a locale that is not offered', { locale: 'xx' }, 'Choose how figures are written.'],
    ['no name', { name: ' ' }, 'Enter your name.'],
  ])('refuses %s and keeps what was entered', async (_what, changes, sentence) => {
    const ada = await program.signUp();
    const page = await keep(ada, { name: 'Kept in the form', ...changes }).expect(422);
    expect(page.text).toContain(sentence);
    expect((await ada.browser.get('/account')).text).toContain('value="Ada Byron"');
  });

  test('begins in the zone of the device', async () => {
    const browser = program.browser();
    const form = { name: 'Dev', email: 'dev@zones.example', password: 'violet anchor tuesday' };
    await browser
      .post('/sign-up')
      .type('form')
      .send({ ...form, time_zone: 'Asia/Calcutta' });
    const page = await browser.get('/account').expect(200);
    expect(page.text).toContain('<option selected>Asia/Kolkata</option>');
  });
});

describe('a picture', () => {
  test('is made small and square, and keeps nothing of the camera', async () => {
    const ada = await program.signUp();
    const photograph = await sharp({
      create: { width: 900, height: 400, channels: 3, background: 'teal' },
    })
      .withExif({ IFD3: { GPSLatitudeRef: 'N' } })
      .jpeg()
      .toBuffer();
    await send(ada, photograph).expect(303);
    const page = await ada.browser.get('/account');
    const href = /\/pictures\/[0-9a-f-]{36}/.exec(page.text)?.[0] ?? '';
    const kept = await ada.browser.get(href).expect(200).expect('Content-Type', 'image/webp');
    const { width, height, exif } = await sharp(Buffer.from(kept.body as Uint8Array)).metadata();
    expect({ width, height, exif }).toEqual({ width: 192, height: 192, exif: undefined });
    await program.browser().get(href).expect(303);
    await ada.browser.post('/account/picture/remove').expect(303);
    await ada.browser.get(href).expect(404);
  });

  test.each([
    ['a text', Buffer.from('no picture at all')],
    ['an SVG, which may carry a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['half a picture', Buffer.from('ffd8ffe000104a46494600', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('is not %s', async (_what, sent) => {
    const ada = await program.signUp();
    const page = await send(ada, sent).expect(422);
    expect(page.text).toMatch(/no picture that can be read|Choose a file first/);
    expect((await ada.browser.get('/account')).text).not.toContain('/pictures/');
  });

  test('of more than 8 MB, or no form with files, is refused', async () => {
    const ada = await program.signUp();
    const page = await send(ada, Buffer.alloc(9 * 2 ** 20, 1)).expect(413);
    expect(page.text).toContain('The file is larger than 8 MB.');
    await ada.browser
      .post('/account/picture')
      .set('Content-Type', 'multipart/form-data')
      .send('x')
      .expect(400);
  });

  test('of more points than any camera makes is not unpacked', async () => {
    const ada = await program.signUp();
    const bomb = await sharp({
      create: { width: 12_000, height: 12_000, channels: 3, background: 'white' },
    })
      .png()
      .toBuffer();
    await send(ada, bomb, 'bomb.png').expect(422);
  });
});
