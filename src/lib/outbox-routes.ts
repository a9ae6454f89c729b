import { Router } from 'express';
import { z } from 'zod';
import type { Db } from './database.ts';
import { notFound } from './errors.ts';
import { type StoredMail, findMail, newestMails } from './mail.ts';
import { type Letterhead, composeMail } from './mail-rendering.ts';
import { sendPage } from './rendering.ts';

export interface OutboxOptions {
  /** As the jobs: sees all mails. */
  db: Db;
  letterhead: Letterhead;
  /** Whether there is a server that mails leave for. */
  sends: boolean;
}

/** A mail is shown as it would be read: its own styles, and nothing else that runs or loads. */
const MAIL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ');

/**
 * Every mail that was written, for whoever tries Scrip out on a machine of one's own. Mounted at
 * /outbox there, and nowhere else: it shows everybody's.
 */
export function outboxRoutes({ db, letterhead, sends }: OutboxOptions): Router {
  const router = Router();

  router.get('/', async (req, res) => {
    const mails = (await newestMails(db)).map((mail) => ({ ...mail, tag: tagOf(mail, sends) }));
    sendPage(req, res, 'outbox', { mails, sends });
  });

  router.get('/:id', async (req, res) => {
    const mail = await mailAt(db, req.params.id);
    const composed =
      mail.text === null ? undefined : composeMail({ ...mail, text: mail.text }, letterhead);
    // The one page with a frame, for the mail alone.
    const policy = res.get('Content-Security-Policy') ?? "default-src 'none'";
    res.set('Content-Security-Policy', `${policy};frame-src 'self'`);
    sendPage(req, res, 'outbox-mail', { mail, text: composed?.text, tag: tagOf(mail, sends) });
  });

  router.get('/:id/html', async (req, res) => {
    const { subject, text, unsubscribe_path } = await mailAt(db, req.params.id);
    if (text === null) throw notFound('mail');
    res.set({ 'Content-Security-Policy': MAIL_POLICY, 'Cache-Control': 'no-store' });
    // The sandbox has an origin of its own, of which browsers complain beside this.
    res.removeHeader('Origin-Agent-Cluster');
    res.type('html').send(composeMail({ subject, text, unsubscribe_path }, letterhead).html);
  });

  return router;
}

async function mailAt(db: Db, value: string): Promise<StoredMail> {
  const id = z.uuid().safeParse(value);
  const mail = id.success ? await findMail(db, id.data) : undefined;
  if (mail === undefined) throw notFound('mail');
  return mail;
}

function tagOf({ state }: StoredMail, sends: boolean): { word: string; tag: string } {
  switch (state) {
    case 'waiting':
      return { word: sends ? 'Waiting' : 'Kept here', tag: '' };
    case 'failed':
      return { word: 'Is tried again', tag: 'warn' };
    case 'sent':
      return { word: 'Sent', tag: 'ok' };
    case 'given_up':
      return { word: 'Given up', tag: 'bad' };
  }
}
