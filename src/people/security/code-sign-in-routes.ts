import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { originOf } from '../../lib/guards.ts';
import { audit } from '../../lib/audit.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import type { Answers } from '../answers.ts';
import type { PeopleOptions } from '../options.ts';
import { activePerson } from '../people.ts';
import { openSession } from '../sign-in-session.ts';
import { secondStep } from './second-step.ts';

export const CODE_PATH = '/sign-in/code';

const codeForm = z.object({ code: z.string().trim().min(1, 'Enter the code.').max(100) });

/** The second page of a sign-in, for people who turned it on: it asks for a code. */
export function codeSignInRoutes(options: PeopleOptions, answers: Answers): Router {
  const router = Router();
  const takeStep = secondStep(options);
  const db = options.connections.app;

  const show = (req: Request, res: Response, form: FormState, status = 200): void => {
    sendPage(req, res, 'people/code', { form, next: req.session.half_way?.next ?? '' }, status);
  };

  /** Who has shown the first of two things, in this browser and lately. */
  const halfWay = async (req: Request) => {
    const { half_way } = req.session;
    if (half_way === undefined || half_way.until < Date.now()) return undefined;
    const person = await activePerson(db, half_way.person_id);
    return person && { ...half_way, person };
  };

  router.get(CODE_PATH, async (req, res) => {
    if ((await halfWay(req)) === undefined) redirect(req, res, '/sign-in');
    else show(req, res, EMPTY_FORM);
  });

  router.post(CODE_PATH, async (req, res) => {
    const waiting = await halfWay(req);
    if (waiting === undefined) {
      redirect(req, res, '/sign-in');
      return;
    }
    const form = parseForm(codeForm, req.body);
    if (!form.ok) {
      show(req, res, form, 422);
      return;
    }
    const { person, proof, next } = waiting;
    try {
      await takeStep(person, form.data.code);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await recordFailure(options, req, person.id);
      const wrong = error.code === 'wrong_code';
      const state = wrong
        ? { values: {}, errors: { code: `${error.message} Wait for the next one.` } }
        : { values: {}, errors: {}, refusal: error.message };
      show(req, res, state, error.status);
      return;
    }
    if (await openSession(options, req, res, person, proof))
      await answers.goOn(req, res, person, next);
    else redirect(req, res, '/sign-in');
  });

  return router;
}

async function recordFailure(options: PeopleOptions, req: Request, id: string): Promise<void> {
  await options.connections.app.transaction().execute((trx) =>
    audit(trx, {
      actor: { kind: 'system' },
      action: 'person.sign_in_failed',
      subject: { kind: 'person', id },
      reason: 'wrong_code',
      origin: originOf(req),
    }),
  );
}
