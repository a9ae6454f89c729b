import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendMail } from '../../src/lib/mail.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Mailbox, startMailbox } from '../support/mailbox.ts';
import { run } from './started.ts';

let database: TestDatabase;
let mailbox: Mailbox;
beforeAll(async () => {
  [database, mailbox] = await Promise.all([testDatabase(), startMailbox()]);
});
afterAll(async () => {
  await mailbox.close();
  await database.drop();
});

test('a mail whose sender was killed half way is sent again with the same Message-ID by the next', async () => {
  const settings = {
    DATABASE_URL: database.url,
    SMTP_URL: mailbox.server.smtpUrl,
    MAIL_FROM: 'credits@acme.example',
    SELLER_NAME: 'Acme',
    BASE_URL: 'https://credits.acme.example',
  };
  // Nobody will ever know whether this was taken.
  mailbox.fallSilent(true);
  const mail = {
    ...{ kind: 'payment.completed', key: 'once', to_address: 'ada@example.com' },
    ...{ subject: 'Credits', text: 'See them:\nhttps://scrip.invalid/w/ada' },
  };
  await database.connections.app.transaction().execute((trx) => sendMail(trx, mail));
  const first = run(['src/worker.ts'], settings);
  await expect.poll(() => mailbox.delivered.length, { timeout: 30_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.ended;

  mailbox.fallSilent(false);
  await database.query('update mails set next_try_at = now()');
  const second = run(['src/worker.ts'], settings);
  await expect.poll(() => mailbox.delivered.length, { timeout: 30_000 }).toBe(2);
  const [one, two] = mailbox.delivered;
  expect(two?.headers['message-id']).toBe(one?.headers['message-id']);
  expect(two?.headers['message-id']).toMatch(/^<[0-9a-f-]{36}@acme\.example>$/);
  expect(two?.headers['from']).toBe('Acme <credits@acme.example>');
  expect(two?.body).toContain('See them:\nhttps://credits.acme.example/w/ada\n');
  const stored = () => database.query('select state, tries from mails');
  await expect.poll(stored, { timeout: 30_000 }).toEqual([{ state: 'sent', tries: 2 }]);
  expect(second.said().out).not.toContain('Mail is off');
  second.child.kill('SIGTERM');
  await second.ended;
});
