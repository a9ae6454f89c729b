import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Db } from './database.ts';
import type { Logger } from './log.ts';
import { oneLine } from './mail.ts';
import { type Letterhead, composeMail } from './mail-rendering.ts';

/** How long after a try in vain the next one comes, at least: in all two days. */
export const PAUSES_SECONDS = [
  10,
  60,
  5 * 60,
  30 * 60,
  2 * 3_600,
  5 * 3_600,
  10 * 3_600,
  14 * 3_600,
  16 * 3_600,
];
const JITTER = 0.1;

const SENT_AT_ONCE = 5;
/** When a process ends while it sends, another one tries again after this. */
const LEASE_SECONDS = 120;
const SECONDS_MAX = 60;
/** No more is begun in one run after so long: the process may have to end. */
const TURN_MILLISECONDS = 5_000;
/** What nobody has tried for so long, because mail was off, tells of what is past. */
const STALE_DAYS = 3;
const ERROR_MAX = 500;

/** The text of a mail that is over. */
const WHAT_STAYS = sql<string | null>`case when is_secret then null else text end`;

/** Where mails go out, and in whose name. */
export interface MailServer {
  /** smtp: or smtps:, with user and password. */
  smtpUrl: string;
  from: { name: string; address: string };
  letterhead: Letterhead;
}

interface Claimed {
  id: string;
  to_address: string;
  subject: string;
  text: string;
  unsubscribe_path: string | null;
  tries: number;
}

type Sent = { outcome: 'sent' } | { outcome: 'failed' | 'refused'; error: string };

/**
 * Sends what is due, some at a time. A try is written down before it is made: whoever ends in the
 * middle of one has made it, and the mail goes out again with the same Message-ID. Several processes
 * share the work.
 * @param db the ledger's role, which sees all mails
 */
export async function sendDue(db: Db, server: MailServer, log: Logger): Promise<void> {
  await giveUpStale(db);
  const post = postTo(server);
  const until = performance.now() + TURN_MILLISECONDS;
  for (;;) {
    const claimed = await claim(db);
    await Promise.all(
      claimed.map(async (mail) => {
        const sent = await post(mail);
        await keep(db, mail, sent);
        if (sent.outcome !== 'sent') log.warn({ mail: mail.id, ...sent }, 'a mail was not sent');
      }),
    );
    if (claimed.length < SENT_AT_ONCE || performance.now() > until) return;
  }
}

async function giveUpStale(db: Db): Promise<void> {
  await sql`update mails set state = 'given_up', next_try_at = null, error = 'It became too old.',
      text = case when is_secret then null else text end
    where next_try_at <= now() and created_at < now() - ${STALE_DAYS} * interval '1 day'`.execute(
    db,
  );
}

async function claim(db: Db): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    with due as materialized (
      select id from mails where next_try_at <= now()
      order by next_try_at limit ${SENT_AT_ONCE} for update skip locked
    )
    update mails m
    set tries = m.tries + 1, next_try_at = now() + ${LEASE_SECONDS} * interval '1 second'
    from due where m.id = due.id
    returning m.id, m.to_address, m.subject, m.text, m.unsubscribe_path, m.tries`.execute(db);
  return rows;
}

/** Connects and signs in, and sends nothing. @throws Error that says what the server does not take */
export async function tryMailServer({ smtpUrl }: Pick<MailServer, 'smtpUrl'>): Promise<void> {
  await transportTo(smtpUrl).verify();
}

function transportTo(smtpUrl: string) {
  return createTransport({
    url: smtpUrl,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function postTo({ smtpUrl, from, letterhead }: MailServer): (mail: Claimed) => Promise<Sent> {
  const transport = transportTo(smtpUrl);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return async ({ id, to_address, subject, text, unsubscribe_path }) => {
    try {
      await transport.sendMail({
        from,
        // Name and address apart, so that nothing in them is read as another recipient.
        to: { name: '', address: to_address },
        subject,
        ...composeMail({ subject, text, unsubscribe_path }, letterhead),
        messageId: `<${id}@${domain}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          ...headersToEnd(unsubscribe_path, letterhead.baseUrl),
        },
        signal: AbortSignal.timeout(SECONDS_MAX * 1_000),
      });
      return { outcome: 'sent' };
    } catch (error) {
      return { outcome: isForGood(error) ? 'refused' : 'failed', error: sentenceOf(error) };
    }
  };
}

/** By which a mail program ends mails of this kind with one click (RFC 8058). */
function headersToEnd(path: string | null, baseUrl: string): Record<string, string> {
  if (path === null) return {};
  return {
    'List-Unsubscribe': `<${baseUrl}${path}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

async function keep(db: Db, { id, tries }: Claimed, sent: Sent): Promise<void> {
  const mail = db.updateTable('mails').where('id', '=', id);
  if (sent.outcome === 'sent') {
    const sentNow = { sent_at: sql<Date>`now()`, next_try_at: null, error: null };
    await mail.set({ state: 'sent', ...sentNow, text: WHAT_STAYS }).execute();
    return;
  }
  const pause = sent.outcome === 'refused' ? undefined : PAUSES_SECONDS[tries - 1];
  if (pause === undefined) {
    const over = { next_try_at: null, error: sent.error, text: WHAT_STAYS };
    await mail.set({ state: 'given_up', ...over }).execute();
    return;
  }
  const seconds = pause * (1 + JITTER * Math.random());
  const next_try_at = sql<Date>`now() + ${seconds} * interval '1 second'`;
  await mail.set({ state: 'failed', next_try_at, error: sent.error }).execute();
}

/**
 * Whether the server refused this recipient or this mail for good. A refused password or sender is
 * this installation's fault, and somebody may mend it.
 */
function isForGood(error: unknown): boolean {
  return Refusal.safeParse(error).success;
}

const Refusal = z.object({ permanent: z.literal(true), command: z.enum(['RCPT TO', 'DATA']) });

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return oneLine(message).slice(0, ERROR_MAX).toWellFormed();
}
