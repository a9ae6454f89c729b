import type { Request, Response } from 'express';
import { AppError } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState } from '../lib/forms.ts';
import { localPath } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import type { PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';

export type SignInPage = '/sign-in' | '/sign-up';

/** How the routes of people answer. */
export interface Answers {
  /** Shows a form: empty, or with what is wrong about it. */
  show(
    req: Request,
    res: Response,
    page: SignInPage,
    next: unknown,
    form?: FormState,
    status?: number,
  ): Promise<void>;
  /** Shows a form with the sentence of a refusal, and its status; throws again what is none. */
  refuse(
    req: Request,
    res: Response,
    page: SignInPage,
    next: unknown,
    error: unknown,
    values?: Record<string, string>,
  ): Promise<void>;
  /** Goes on to the page that was wanted, or home. */
  goOn(req: Request, res: Response, person: SignedInPerson, next: unknown): Promise<void>;
}

/** The answers of one installation. */
export function answersOf(options: PeopleOptions): Answers {
  const answers: Answers = {
    show: async (req, res, page, next, form = EMPTY_FORM, status = 200) => {
      const wanted = localPath(next);
      const data = {
        form,
        google: options.google !== undefined,
        welcome_micro: await options.welcomeMicro(),
        demo: options.demo,
        can_reset: options.mails,
        reset: req.query['reset'] === 'done',
        next: wanted === '/' ? '' : wanted,
      };
      sendPage(req, res, `people${page}`, data, status);
    },
    refuse: async (req, res, page, next, error, values = {}) => {
      if (!(error instanceof AppError)) throw error;
      const seconds = error.details['retry_after_seconds'];
      if (typeof seconds === 'number') res.set('Retry-After', String(seconds));
      await answers.show(
        req,
        res,
        page,
        next,
        { values, errors: {}, refusal: error.message },
        error.status,
      );
    },
    goOn: async (req, res, person, next) => {
      const wanted = localPath(next);
      redirect(req, res, wanted === '/' ? await options.homeOf(person.id) : wanted);
    },
  };
  return answers;
}
