import type { Request, Response } from 'express';
import type { AppError } from './errors.ts';
import { pageOf } from './guards.ts';
import { wantsPart } from './rendering.ts';

interface Link {
  label: string;
  href: string;
}

/** What `views/error.eta` says: what happened, what was kept, what to do next and where that is. */
export interface ErrorPage {
  status: number;
  title: string;
  happened: string;
  kept: string;
  advice: string;
  next_step: Link | undefined;
  elsewhere: Link | undefined;
}

/** A refusal in the words of a page, or of a part of one, for whoever asked for it or sent a form. */
export function errorPageOf(req: Request, res: Response, refusal: AppError): ErrorPage {
  const { status } = refusal;
  const reads = req.method === 'GET' || req.method === 'HEAD';
  const next = nextStep(req, reads, status);
  // Beside a part, its page stands as it did.
  const home = wantsPart(req) ? undefined : homeOf(res);
  return {
    status,
    title: TITLES[status] ?? 'This did not work',
    happened: refusal.message,
    kept: keptOf(refusal, reads),
    advice: adviceOf(refusal, reads),
    next_step: next ?? home,
    elsewhere: next && home,
  };
}

/** What failed may work now. What was refused would be refused again, but a form can be changed. */
function nextStep(req: Request, reads: boolean, status: number): Link | undefined {
  const href = pageOf(req);
  if (reads) return status >= 500 || status === 429 ? { label: 'Try again', href } : undefined;
  return wantsPart(req) || href === '/' ? undefined : { label: 'Back to the page', href };
}

function homeOf(res: Response): Link {
  const { home, person }: { home?: string; person?: unknown } = res.locals;
  if (home !== undefined) return { label: 'Overview', href: home };
  return { label: person === undefined ? 'First page' : 'Overview', href: '/' };
}

/** Refusals mostly say themselves what was not done. */
function keptOf({ status, message }: AppError, reads: boolean): string {
  if (status >= 500) return reads ? 'Nothing was changed by it.' : 'What was saved before is kept.';
  return reads || /\b(?:nothing|nobody|(?:is|was|are) kept)\b/i.test(message)
    ? ''
    : 'Nothing was changed.';
}

function adviceOf({ status, code, details }: AppError, reads: boolean): string {
  const seconds = details['retry_after_seconds'];
  switch (status) {
    case 403:
      return code === 'role' ? 'An owner or admin can do it, or change your role.' : '';
    case 404:
      return 'If a link brought you, look whether its address is whole.';
    case 422:
      return 'Change it and send it again.';
    case 500:
      return reads
        ? 'Try it again in a moment.'
        : 'Send it again: what costs credits is counted once.';
    case 503:
      if (!reads) return '';
      return typeof seconds === 'number'
        ? `Try it again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`
        : 'Try it again later.';
    default:
      return '';
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'This request cannot be read',
  401: 'Sign in first',
  402: 'Not enough credits',
  403: 'This is not allowed',
  404: 'There is nothing here',
  409: 'This is settled already',
  413: 'This is too large',
  422: 'This cannot be taken',
  429: 'Too many tries',
  500: 'Something went wrong',
  502: 'Somebody else did not answer',
  503: 'Not available at the moment',
};
