import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { localPath } from '../../lib/guards.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { passwordField } from '../fields.ts';
import type { PeopleOptions } from '../options.ts';
import { personOf } from '../person-of.ts';
import { passwordSignIn } from '../sign-in.ts';
import { CODE_PATH } from './code-sign-in-routes.ts';
import { waysIn } from './ways-in.ts';

const confirmForm = z.object({ password: passwordField, next: z.unknown().optional() });

/**
 * Where somebody who is signed in shows again that it is them, and goes back to where they were: it
 * is a sign-in to the same account, with all that is asked there.
 */
export function confirmRoutes(options: PeopleOptions): Router {
  const router = Router();
  const signIn = passwordSignIn(options);

  async function show(
    req: Request,
    res: Response,
    next: unknown,
    form: FormState,
    status = 200,
  ): Promise<void> {
    const ways = await waysIn(options.connections.app, personOf(req).id);
    const data = { form, next: localPath(next), ways, has_google: options.google !== undefined };
    sendPage(req, res, 'people/confirm', data, status);
  }

  router.get('/confirm', (req, res) => show(req, res, req.query['next'], EMPTY_FORM));

  router.post('/confirm', async (req, res) => {
    const form = parseForm(confirmForm, req.body);
    const next = form.values['next'];
    if (!form.ok) {
      await show(req, res, next, form, 422);
      return;
    }
    const { email } = personOf(req);
    let outcome: Awaited<ReturnType<typeof signIn>>;
    try {
      const { password } = form.data;
      outcome = await signIn(req, res, { email, password, next });
    } catch (error) {
      if (!(error instanceof AppError) || req.user === undefined) throw error;
      const wrong = error.code === 'wrong_credentials';
      const state = wrong
        ? { values: {}, errors: { password: 'This is not your password.' } }
        : { values: {}, errors: {}, refusal: error.message };
      await show(req, res, next, state, error.status);
      return;
    }
    redirect(req, res, outcome === 'second_step' ? CODE_PATH : localPath(next));
  });

  return router;
}
