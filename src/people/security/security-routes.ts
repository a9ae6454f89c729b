import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { originOf, signedIn } from '../../lib/guards.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { ACCOUNT_PLACES } from '../account-places.ts';
import { newPasswordField, notTheAddress, passwordField } from '../fields.ts';
import type { PeopleOptions } from '../options.ts';
import { changePassword } from '../password-change.ts';
import { personOf } from '../person-of.ts';
import { confirmRoutes } from './confirm-routes.ts';
import { recentlyAuthenticated } from './recent.ts';
import { endOtherSessions, sessionsOf } from './session-list.ts';
import { waysIn } from './ways-in.ts';

const changeForm = z.object({ present: passwordField, password: newPasswordField });
const firstForm = z.object({ password: newPasswordField });
const endForm = z.object({ handle: z.string().optional() });

/** What became of what somebody did on the page, in the address that they are sent to. */
const DONE: Readonly<Record<string, string>> = {
  password: 'Your password is set. Every other device was signed out.',
  sessions: 'Signed out there.',
};

function doneOf(word: unknown): string | undefined {
  return typeof word === 'string' && Object.hasOwn(DONE, word) ? DONE[word] : undefined;
}

type Show = (req: Request, res: Response, form?: FormState, status?: number) => Promise<void>;

/** How somebody gets in and stays in: /account/security, and /account/confirm. */
export function securityRoutes(options: PeopleOptions): Router {
  const { app: db } = options.connections;
  const router = Router();

  const show: Show = async (req, res, form = EMPTY_FORM, status = 200) => {
    const { id } = personOf(req);
    const done = doneOf(req.query['done']);
    const [ways, sessions] = await Promise.all([waysIn(db, id), sessionsOf(db, id, req.sessionID)]);
    const data = {
      path: '/account/security',
      account_places: ACCOUNT_PLACES,
      form,
      done,
      ways,
      sessions,
    };
    sendPage(req, res, 'people/security', data, status);
  };

  router.get('/security', (req, res) => show(req, res));

  addPassword(router, options, show);

  router.post('/security/sessions/end', async (req, res) => {
    const form = parseForm(endForm, req.body);
    const { id: person_id } = personOf(req);
    const handle = form.ok ? form.data.handle : '';
    await db.transaction().execute((trx) =>
      endOtherSessions(trx, {
        person_id,
        session_id: req.sessionID,
        handle,
        origin: originOf(req),
      }),
    );
    redirect(req, res, '/account/security?done=sessions');
  });

  router.use(confirmRoutes(options));
  return Router().use('/account', signedIn, router);
}

function addPassword(router: Router, options: PeopleOptions, show: Show): void {
  const change = changePassword(options);

  router.post('/security/password', async (req, res) => {
    const person = personOf(req);
    const form = parseForm(changeForm, req.body);
    if (!form.ok) {
      await show(req, res, form, 422);
      return;
    }
    const { present, password } = form.data;
    if (!notTheAddress(password, person.email)) {
      const errors = { password: 'Choose a password that is not your e-mail address.' };
      await show(req, res, { values: {}, errors }, 422);
      return;
    }
    try {
      await change(req, res, { present, password });
    } catch (error) {
      if (!(error instanceof AppError) || req.user === undefined) throw error;
      const wrong = error.code === 'wrong_credentials';
      const state = wrong
        ? { values: {}, errors: { present: 'This is not your present password.' } }
        : { values: {}, errors: {}, refusal: error.message };
      await show(req, res, state, error.status);
      return;
    }
    redirect(req, res, '/account/security?done=password');
  });

  router.post('/security/first-password', recentlyAuthenticated, async (req, res) => {
    const form = parseForm(firstForm, req.body);
    if (!form.ok) {
      await show(req, res, form, 422);
      return;
    }
    await change(req, res, { present: undefined, password: form.data.password });
    redirect(req, res, '/account/security?done=password');
  });
}
