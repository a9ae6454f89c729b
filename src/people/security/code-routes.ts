import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { originOf } from '../../lib/guards.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import type { PeopleOptions } from '../options.ts';
import { passwords as processPasswords } from '../passwords.ts';
import { personOf } from '../person-of.ts';
import { recordChange } from '../security-mails.ts';
import { passwordCheck } from '../sign-in.ts';
import { keepBackupCodes, newBackupCodes } from './backup-codes.ts';
import { recentlyAuthenticated } from './recent.ts';
import { secondStep } from './second-step.ts';
import { hasTotp, newTotpSecret, stepOfCode, totpBox, totpPicture } from './totp.ts';

const PAGE = '/account/security';
const onForm = z.object({
  sealed: z.string().max(500),
  code: z.string().trim().min(1, 'Enter the code that the app shows.').max(20),
});
const offForm = z.object({
  proof_secret: z.string().min(1, 'Enter a code, or your password.').max(4096),
});

/** Turning the second step on and off: /account/security/codes. Mounted at /account. */
export function codeRoutes(options: PeopleOptions): Router {
  const { connections, passwords = processPasswords } = options;
  const db = connections.app;
  const box = totpBox(options.encryptionKeys);
  const router = Router();

  /** The secret travels in the page, sealed for this person: nothing is kept until it is proved. */
  function showNew(req: Request, res: Response, secret: string, form: FormState, status = 200) {
    const { id, email } = personOf(req);
    const picture = totpPicture(secret, { issuer: options.product, email });
    const words = (secret.match(/.{1,4}/g) ?? []).join(' ');
    const data = { form, picture, words, sealed: box.seal(secret, id), path: PAGE };
    sendPage(req, res, 'people/codes-on', data, status);
  }

  const showCodes = (req: Request, res: Response, codes: readonly string[]): void => {
    sendPage(req, res, 'people/backup-codes', { codes, path: PAGE }, 201);
  };

  router.get('/security/codes', recentlyAuthenticated, async (req, res) => {
    if (await hasTotp(db, personOf(req).id)) redirect(req, res, PAGE);
    else showNew(req, res, newTotpSecret(), EMPTY_FORM);
  });

  router.post('/security/codes', recentlyAuthenticated, async (req, res) => {
    const person = personOf(req);
    const form = parseForm(onForm, req.body);
    const secret = box.open(form.values['sealed'] ?? '', person.id);
    if (secret === undefined) {
      redirect(req, res, `${PAGE}/codes`);
      return;
    }
    const step = form.ok ? stepOfCode(secret, form.data.code.replace(/\s/g, '')) : undefined;
    if (!form.ok || step === undefined) {
      const errors = form.ok
        ? { code: 'This is not the code that the app shows now.' }
        : form.errors;
      showNew(req, res, secret, { values: {}, errors }, 422);
      return;
    }
    const made = await newBackupCodes(passwords);
    const on = await db.transaction().execute(async (trx) => {
      const kept = await trx
        .insertInto('totp_secrets')
        .values({ person_id: person.id, sealed: box.seal(secret, person.id), last_step: step })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (kept.numInsertedOrUpdatedRows !== 1n) return false;
      await keepBackupCodes(trx, person.id, made);
      await recordChange(trx, person, 'second_step_on', originOf(req));
      return true;
    });
    if (on) showCodes(req, res, made.codes);
    else redirect(req, res, PAGE);
  });

  router.post('/security/codes/backup', recentlyAuthenticated, async (req, res) => {
    const { id } = personOf(req);
    if (!(await hasTotp(db, id))) {
      redirect(req, res, PAGE);
      return;
    }
    const made = await newBackupCodes(passwords);
    await db.transaction().execute(async (trx) => {
      await keepBackupCodes(trx, id, made);
      await recordChange(trx, personOf(req), 'backup_codes_made', originOf(req));
    });
    showCodes(req, res, made.codes);
  });

  addOff(router, options);
  return router;
}

/** By a code or the password: whoever finds a browser that is signed in has neither. */
function addOff(router: Router, options: PeopleOptions): void {
  const takeStep = secondStep(options);
  const check = passwordCheck(options);

  router.get('/security/codes/off', (req, res) => {
    sendPage(req, res, 'people/codes-off', { form: EMPTY_FORM, path: PAGE });
  });

  router.post('/security/codes/off', async (req, res) => {
    const person = personOf(req);
    const form = parseForm(offForm, req.body);
    const refuse = (state: FormState, status = 422): void => {
      sendPage(req, res, 'people/codes-off', { form: state, path: PAGE }, status);
    };
    if (!form.ok) {
      refuse(form);
      return;
    }
    const { proof_secret: given } = form.data;
    try {
      await takeStep(person, given).catch(async (error: unknown) => {
        if (!(error instanceof AppError && error.code === 'wrong_code')) throw error;
        await (await check(req, { email: person.email, password: given })).giveBack();
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const wrong = error.code === 'wrong_credentials';
      if (!wrong) refuse({ values: {}, errors: {}, refusal: error.message }, error.status);
      else refuse({ values: {}, errors: { proof_secret: 'Neither a code nor your password.' } });
      return;
    }
    await options.connections.app.transaction().execute(async (trx) => {
      for (const table of ['totp_secrets', 'backup_codes'] as const)
        await trx.deleteFrom(table).where('person_id', '=', person.id).execute();
      await recordChange(trx, person, 'second_step_off', originOf(req));
    });
    redirect(req, res, `${PAGE}?done=codes-off`);
  });
}
