import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { sendMail } from '../../src/lib/mail.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let open: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false, demo: true });
  open = await testProgram({ buying: false });
});
afterAll(() => Promise.all([program.stop(), open.stop()]));

const SUBJECT = '500 credits for <b>Ada</b>';

async function written(): Promise<string> {
  const key = newId();
  const text = 'They are there.\n\nSee them:\nhttps://scrip.invalid/w/ada';
  const mail = {
    kind: 'credits.granted',
    key,
    to_address: 'ada@example.com',
    subject: SUBJECT,
    text,
  };
  await program.database.connections.app.transaction().execute((trx) => sendMail(trx, mail));
  const [row] = await program.database.query<{ id: string }>(
    'select id from mails where key = $1',
    [key],
  );
  return `/outbox/${row?.id}`;
}

describe('the outbox on a machine where Scrip is tried out', () => {
  test('lists mails, and shows one as it is read and as text, to whoever tries it', async () => {
    const path = await written();
    const list = await program.browser().get('/outbox').expect(200);
    expect(list.text).toContain(`href="${path}"`);
    expect(list.text).toContain('500 credits for &lt;b&gt;Ada&lt;/b&gt;');
    expect(list.text).toContain('Kept here');
    const page = await program.browser().get(path).expect(200);
    expect(page.text).toContain(`See them:\n${program.url}/w/ada`);
    expect(page.text).toContain(`src="${path}/html"`);
  });

  test('shows a mail in a frame in which nothing runs or loads', async () => {
    const { headers, text } = await program
      .browser()
      .get(`${await written()}/html`)
      .expect(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none';.*; sandbox allow-popups/);
    expect(policy).not.toContain('script');
    expect(text).toContain(`<a href="${program.url}/w/ada"`);
    expect(text).not.toContain('<b>Ada');
  });

  test('answers 404 for what is no mail', async () => {
    for (const path of ['/outbox/1', `/outbox/${newId()}`, `/outbox/${newId()}/html`]) {
      await program.browser().get(path).expect(404);
    }
  });
});

test('where others reach Scrip there is neither outbox nor style page', async () => {
  const home = await open.browser().get('/').expect(200);
  for (const path of ['/outbox', '/style', '/style/errors/500']) {
    expect(home.text).not.toContain(path);
    await open.browser().get(path).expect(404);
  }
});
