import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { originOf, signedIn } from '../../lib/guards.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { ACCOUNT_PLACES } from '../account-places.ts';
import { addressMailLimit } from '../address-routes.ts';
import { mailAddressLink } from '../addresses.ts';
import {
  emailField,
  newPasswordField,
  normalizeEmail,
  notTheAddress,
  passwordField,
} from '../fields.ts';
import { disconnectGoogle } from '../google-connections.ts';
import { googleRefusalOf } from '../google-refusals.ts';
import type { PeopleOptions } from '../options.ts';
import { changePassword } from '../password-change.ts';
import { personOf } from '../person-of.ts';
import { backupCodesLeft } from './backup-codes.ts';
import { codeRoutes } from './code-routes.ts';
import { confirmRoutes } from './confirm-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { passkeysOf } from './passkeys.ts';
import { recentlyAuthenticated } from './recent.ts';
import { endOtherSessions, sessionsOf } from './session-list.ts';
import { hasTotp } from './totp.ts';
import { waysIn } from './ways-in.ts';

const changeForm = z.object({ present: passwordField, password: newPasswordField });
const firstForm = z.object({ password: newPasswordField });
const addressForm = z.object({ email: emailField });
const endForm = z.object({ handle: z.string().optional() });

/** What became of what somebody did on the page, in the address that they are sent to. */
const DONE: Readonly<Record<string, string>> = {
  address: 'A link is on its way to the new address. Press its button, and it is yours.',
  password: 'Your password is set. Every other device was signed out.',
  sessions: 'Signed out there.',
  passkey: 'The passkey is added: you can sign in with it.',
  'passkey-removed': 'The passkey signs nobody in any more.',
  'codes-off': 'The second step is off.',
  google: 'Google is connected: you can sign in with it.',
  'google-off': 'Google is disconnected: it signs nobody in any more.',
};

/** What was not done, and what to do first. */
const NOT_DONE: Readonly<Record<string, string>> = {
  'last-google': 'Google is the only way into your account. Set a password or add a passkey first.',
  'last-passkey':
    'This passkey is the only way into your account. Set a password or add another passkey first.',
};

function sentenceOf(from: Readonly<Record<string, string>>, word: unknown): string | undefined {
  return typeof word === 'string' && Object.hasOwn(from, word) ? from[word] : undefined;
}

/** A form of the page that was refused: all others are as nobody has touched them. */
type Shown = Partial<Record<'form' | 'address_form', FormState>>;
type Show = (req: Request, res: Response, shown?: Shown, status?: number) => Promise<void>;

/** How somebody gets in and stays in: /account/security, and /account/confirm. */
export function securityRoutes(options: PeopleOptions): Router {
  const { app: db } = options.connections;
  const router = Router();

  const show: Show = async (req, res, shown = {}, status = 200) => {
    const { id } = personOf(req);
    const { done, kept, google } = req.query;
    const [passkeys, on, backup, ways, sessions] = await Promise.all([
      passkeysOf(db, id),
      hasTotp(db, id),
      backupCodesLeft(db, id),
      waysIn(db, id),
      sessionsOf(db, id, req.sessionID),
    ]);
    const data = {
      path: '/account/security',
      account_places: ACCOUNT_PLACES,
      form: EMPTY_FORM,
      address_form: EMPTY_FORM,
      ...shown,
      done: sentenceOf(DONE, done),
      not_done: googleRefusalOf(google) ?? sentenceOf(NOT_DONE, kept),
      has_google: options.google !== undefined,
      passkeys,
      codes: { on, backup },
      ways,
      sessions,
    };
    sendPage(req, res, 'people/security', data, status);
  };

  router.get('/security', (req, res) => show(req, res));

  addAddress(router, options, show);
  addPassword(router, options, show);

  router.post('/security/google/disconnect', recentlyAuthenticated, async (req, res) => {
    const outcome = await db
      .transaction()
      .execute((trx) => disconnectGoogle(trx, personOf(req), originOf(req)));
    const said = outcome === 'disconnected' ? 'done=google-off' : 'kept=last-google';
    redirect(req, res, `/account/security?${said}`);
  });

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

  router.use(confirmRoutes(options), codeRoutes(options), passkeyRoutes(options));
  return Router().use('/account', signedIn, router);
}

function addAddress(router: Router, options: PeopleOptions, show: Show): void {
  const mailsOf = addressMailLimit(options);

  router.post('/security/address', recentlyAuthenticated, async (req, res) => {
    const person = personOf(req);
    const form = parseForm(addressForm, req.body);
    if (!form.ok) {
      await show(req, res, { address_form: form }, 422);
      return;
    }
    const { email } = form.data;
    if (normalizeEmail(email) === normalizeEmail(person.email)) {
      const errors = { email: 'This is the address that you have.' };
      await show(req, res, { address_form: { values: form.values, errors } }, 422);
      return;
    }
    try {
      await mailsOf.take(person.id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const refused = { values: form.values, errors: {}, refusal: error.message };
      await show(req, res, { address_form: refused }, error.status);
      return;
    }
    await options.connections.app
      .transaction()
      .execute((trx) => mailAddressLink(trx, person, email));
    redirect(req, res, '/account/security?done=address');
  });
}

function addPassword(router: Router, options: PeopleOptions, show: Show): void {
  const change = changePassword(options);

  router.post('/security/password', async (req, res) => {
    const person = personOf(req);
    const form = parseForm(changeForm, req.body);
    if (!form.ok) {
      await show(req, res, { form }, 422);
      return;
    }
    const { present, password } = form.data;
    if (!notTheAddress(password, person.email)) {
      const errors = { password: 'Choose a password that is not your e-mail address.' };
      await show(req, res, { form: { values: {}, errors } }, 422);
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
      await show(req, res, { form: state }, error.status);
      return;
    }
    redirect(req, res, '/account/security?done=password');
  });

  router.post('/security/first-password', recentlyAuthenticated, async (req, res) => {
    const form = parseForm(firstForm, req.body);
    if (!form.ok) {
      await show(req, res, { form }, 422);
      return;
    }
    await change(req, res, { present: undefined, password: form.data.password });
    redirect(req, res, '/account/security?done=password');
  });
}
