import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { clientOf, originOf } from '../lib/guards.ts';
import { type RateLimit, rateLimit } from '../lib/rate-limits.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { keepToItself, sendLinkOver } from './address-routes.ts';
import { emailField, newPasswordField, normalizeEmail, notTheAddress } from './fields.ts';
import { findLink } from './mailed-links.ts';
import type { PeopleOptions } from './options.ts';
import { mailPasswordLink, resetPassword } from './password-reset.ts';
import { passwords as processPasswords } from './passwords.ts';

const WINDOW_SECONDS = 60 * 60;

const forgotForm = z.object({ email: emailField });
const resetForm = z.object({ password: newPasswordField });

/** Where somebody who forgot the password asks for a link (/forgot), and uses it (/reset/<token>). */
export function passwordRoutes(options: PeopleOptions): Router {
  const router = Router();
  addForgot(router, options);
  addReset(router, options);
  return router;
}

const limit = ({ connections }: PeopleOptions, name: string, points: number): RateLimit =>
  rateLimit({ pool: connections.plain, name, points, window_seconds: WINDOW_SECONDS });

function addForgot(router: Router, options: PeopleOptions): void {
  const perClient = limit(options, 'forgot-client', 30);
  const perAddress = limit(options, 'forgot-address', 5);

  const showForgot = (req: Request, res: Response, form: FormState, status = 200): void => {
    sendPage(req, res, 'people/forgot', { form, sent_to: '' }, status);
  };

  router.get('/forgot', (req, res) => {
    showForgot(req, res, { values: { email: req.user?.email ?? '' }, errors: {} });
  });

  router.post('/forgot', async (req, res) => {
    const form = parseForm(forgotForm, req.body);
    if (!form.ok) {
      showForgot(req, res, form, 422);
      return;
    }
    const { email } = form.data;
    try {
      await perClient.take(clientOf(req));
      await perAddress.take(normalizeEmail(email));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { values } = form;
      showForgot(req, res, { values, errors: {}, refusal: error.message }, error.status);
      return;
    }
    // The answer goes out before anybody looks whether there is such an account: neither what it
    // says nor how long it takes can tell.
    sendPage(req, res, 'people/forgot', { form: EMPTY_FORM, sent_to: email });
    await options.connections.app
      .transaction()
      .execute((trx) => mailPasswordLink(trx, email, originOf(req)));
  });
}

function addReset(router: Router, options: PeopleOptions): void {
  const { connections, passwords = processPasswords } = options;
  const db = connections.app;
  const used = limit(options, 'reset-client', 30);

  const showReset = async (
    req: Request<{ token: string }>,
    res: Response,
    form: FormState,
    status = 200,
  ): Promise<void> => {
    keepToItself(res);
    const { token } = req.params;
    const link = await findLink(db, 'password', token);
    if (link === undefined) sendLinkOver(req, res);
    else sendPage(req, res, 'people/reset', { form, token, address: link.address }, status);
  };

  router.get('/reset/:token', (req, res) => showReset(req, res, EMPTY_FORM));

  router.post('/reset/:token', async (req, res) => {
    const form = parseForm(resetForm, req.body);
    if (!form.ok) {
      await showReset(req, res, form, 422);
      return;
    }
    keepToItself(res);
    await used.take(clientOf(req));
    const { token } = req.params;
    const { password } = form.data;
    // No password is hashed for a link that is no longer good.
    const link = await findLink(db, 'password', token);
    if (link !== undefined && !notTheAddress(password, link.address)) {
      const errors = { password: 'Choose a password that is not your e-mail address.' };
      await showReset(req, res, { values: {}, errors }, 422);
      return;
    }
    const hash = link && (await passwords.hash(password));
    const done =
      hash !== undefined &&
      (await db
        .transaction()
        .execute((trx) => resetPassword(trx, options, { token, hash, origin: originOf(req) })));
    if (!done) {
      sendLinkOver(req, res);
      return;
    }
    req.user = undefined;
    await endSession(req, res);
    redirect(req, res, '/sign-in?reset=done');
  });
}
