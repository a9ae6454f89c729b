import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Mail, forgetMails, sendMail } from '../../src/lib/mail.ts';
import { PAUSES_SECONDS, sendDue } from '../../src/lib/mail-delivery.ts';
import { composeMail } from '../../src/lib/mail-rendering.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Mailbox, SELLER, startMailbox } from '../support/mailbox.ts';
import { newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let mailbox: Mailbox;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  mailbox = await startMailbox();
});
afterEach(async () => {
  await mailbox.close();
  await database.query('delete from mails');
});

const log = createLog('silent');

function aMail(more: Partial<Mail> = {}): Mail {
  return {
    kind: 'payment.completed',
    key: `payment.completed ${newId()}`,
    to_address: 'ada@example.com',
    subject: '500 credits have arrived',
    text: 'Your payment came in.\n\nSee the payment:\nhttps://scrip.invalid/w/ada/payments/1',
    ...more,
  };
}

async function write(...mails: Mail[]): Promise<void> {
  for (const mail of mails) {
    await database.connections.app.transaction().execute((trx) => sendMail(trx, mail));
  }
}

const send = (server = mailbox.server): Promise<void> =>
  sendDue(database.connections.ledgerJobs, server, log);

/** As if the time of the next tries had come. */
const whenDue = () =>
  database.query('update mails set next_try_at = now() where next_try_at is not null');

const stored = () =>
  database.query<{ id: string; state: string; tries: number; error: string | null }>(
    'select id, state, tries, error from mails order by id',
  );

describe('a mail', () => {
  test('goes out in the name of the seller, with links to this installation, once', async () => {
    await write(aMail());
    await send();
    await send();
    expect(mailbox.delivered).toHaveLength(1);
    const [mail] = mailbox.delivered;
    const [row] = await stored();
    expect(row).toMatchObject({ state: 'sent', tries: 1, error: null });
    expect(mail?.headers).toMatchObject({
      from: `${SELLER} <credits@acme.example>`,
      to: 'ada@example.com',
      subject: '500 credits have arrived',
      'message-id': `<${row?.id}@acme.example>`,
    });
    const link = 'https://credits.acme.example/w/ada/payments/1';
    expect(mail?.body).toContain(`See the payment:\n${link}\n`);
    expect(mail?.body).toContain(
      `<a href="${link}" target="_blank" rel="noopener">See the payment`,
    );
    expect(mail?.body).not.toContain('scrip.invalid');
  });

  test('is written once for each reason, and not when the transaction is undone', async () => {
    const mail = aMail();
    await write(mail, mail, { ...mail, subject: 'Another' });
    const undone = database.connections.app.transaction().execute(async (trx) => {
      await sendMail(trx, aMail());
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await send();
    expect(mailbox.delivered.map(({ headers }) => headers['subject'])).toEqual([mail.subject]);
  });

  test('is sent once by several processes at a time', async () => {
    await write(...Array.from({ length: 12 }, () => aMail()));
    await Promise.all([send(), send(), send()]);
    const ids = mailbox.delivered.map(({ headers }) => headers['message-id']);
    expect([ids.length, new Set(ids).size]).toEqual([12, 12]);
  });

  test('whose sender was killed before it wrote that down comes again with the same Message-ID', async () => {
    await write(aMail());
    await send();
    await database.query(`update mails set state = 'waiting', sent_at = null, next_try_at = now()`);
    await send();
    const [one, two] = mailbox.delivered.map(({ headers }) => headers['message-id']);
    expect(one).toBe(two);
  });

  test('of a workspace is seen there only, and one without by the jobs only', async () => {
    const { app, ledgerJobs } = database.connections;
    const [mine, theirs] = [await newWallet(database), await newWallet(database)];
    await inWorkspace(app, mine.workspace_id, (trx) =>
      sendMail(trx, aMail({ workspace_id: mine.workspace_id })),
    );
    await write(aMail());
    const seenIn = (id: string) =>
      inWorkspace(app, id, (trx) => trx.selectFrom('mails').select('workspace_id').execute());
    expect(await seenIn(mine.workspace_id)).toEqual([{ workspace_id: mine.workspace_id }]);
    expect(await seenIn(theirs.workspace_id)).toEqual([]);
    expect(await app.selectFrom('mails').select('id').execute()).toEqual([]);
    expect(await ledgerJobs.selectFrom('mails').select('id').execute()).toHaveLength(2);
  });
});

describe('a mail that cannot be sent', () => {
  test('is tried again for two days, and then given up', async () => {
    await write(aMail());
    mailbox.refuseWith(450);
    for (const tries of PAUSES_SECONDS.map((_, index) => index + 1)) {
      await send();
      expect(await stored()).toMatchObject([{ state: 'failed', tries }]);
      await send();
      await whenDue();
    }
    await send();
    await whenDue();
    await send();
    expect(await stored()).toMatchObject([{ state: 'given_up', tries: PAUSES_SECONDS.length + 1 }]);
    expect(PAUSES_SECONDS.reduce((sum, seconds) => sum + seconds)).toBeGreaterThan(47 * 3_600);
  });

  test('because the recipient is refused for good is not repeated', async () => {
    await write(aMail());
    mailbox.refuseWith(550);
    await send();
    expect(await stored()).toMatchObject([{ state: 'given_up', tries: 1 }]);
    expect((await stored())[0]?.error).toContain('550 not now');
  });

  test('because the password is refused waits until somebody mends that', async () => {
    const strict = await startMailbox({ password: 'another' });
    await write(aMail());
    await send(strict.server);
    expect(await stored()).toMatchObject([{ state: 'failed', tries: 1 }]);
    await strict.close();
    await whenDue();
    await send();
    expect(mailbox.delivered).toHaveLength(1);
  });

  test('that lets its reader in is forgotten when it was sent, or never will be', async () => {
    await write({ ...aMail(), is_secret: true });
    await send();
    expect(mailbox.delivered).toHaveLength(1);
    await write({ ...aMail(), is_secret: true });
    mailbox.refuseWith(550);
    await send();
    const texts = await database.query('select state, text from mails order by id');
    expect(texts).toEqual([
      { state: 'sent', text: null },
      { state: 'given_up', text: null },
    ]);
  });

  test('because mail was off for days is not sent late', async () => {
    await write(aMail());
    await database.query(`update mails set created_at = now() - interval '4 days'`);
    await send();
    expect(mailbox.delivered).toEqual([]);
    expect(await stored()).toMatchObject([{ state: 'given_up', tries: 0 }]);
  });
});

describe('attack 23: what somebody typed', () => {
  test('adds no header by a line break in a subject', async () => {
    await write(aMail({ subject: 'Hello\r\nBcc: eve@example.com\u2028X-Other: 1\0' }));
    await send();
    const [mail] = mailbox.delivered;
    expect(mail?.to).toEqual(['ada@example.com']);
    expect(mail?.headers['subject']).toBe('Hello Bcc: eve@example.com X-Other: 1');
    expect(mail?.headers).not.toHaveProperty('bcc');
  });

  test.each([
    'ada@example.com, eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'Eve <eve@example.com>',
    'no address',
  ])('adds no recipient by an address: %j', async (to_address) => {
    await write(aMail({ to_address }));
    await send();
    expect(mailbox.delivered).toEqual([]);
    const error = 'The address cannot be written to.';
    expect(await stored()).toMatchObject([{ state: 'given_up', tries: 0, error }]);
  });

  test('is text in the HTML, and makes no link of its own', () => {
    const text = '<b>Eve</b> https://evil.example/ & more';
    const { html } = composeMail({ subject: text, text }, mailbox.server.letterhead);
    expect(html).toContain('<p>&lt;b&gt;Eve&lt;/b&gt; https://evil.example/ &amp; more</p>');
    expect(html).not.toContain('href="https://evil.example');
  });
});

test('texts of older mails are forgotten, and what is too old to be sent is over', async () => {
  await write(aMail(), aMail());
  await database.query(`update mails set created_at = now() - interval '40 days'`);
  await write(aMail());
  await forgetMails(database.connections.ledgerJobs, new Date(Date.now() - 31 * 86_400_000));
  const rows = await database.query(
    'select state, text is null as forgotten from mails order by id',
  );
  expect(rows).toEqual([
    { state: 'given_up', forgotten: true },
    { state: 'given_up', forgotten: true },
    { state: 'waiting', forgotten: false },
  ]);
});
