import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { databaseCodeOf, isPassingFault } from './database-faults.ts';
import { errorPageOf } from './error-pages.ts';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';
import { sendPage } from './rendering.ts';

/**
 * The one place where an error becomes an answer: a page or a part of one for people, problem+json
 * (RFC 9457) for programs. A bug answers 500 and says nothing of itself; the log does.
 */
export function errorAnswers(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      log.error({ err: error, request_id: req.id }, 'request failed after its answer');
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    if (refusal.status >= 500) {
      log.error({ err: error, request_id: req.id, code: refusal.code }, 'request failed');
    }
    const retryAfter = refusal.details['retry_after_seconds'];
    if (typeof retryAfter === 'number') res.set('Retry-After', String(retryAfter));
    if (wantsProblem(req)) sendProblem(req, res, refusal);
    else sendPage(req, res, 'error', errorPageOf(req, res, refusal), refusal.status);
  };
}

/** The refusal that an error amounts to: its own, or one that says no more than whose fault it is. */
export function refusalOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = httpStatusOf(error);
  if (status === 413) {
    return new AppError(413, 'too_large', 'What was sent is too large. Nothing was changed.');
  }
  if (status !== undefined) {
    return new AppError(status, 'malformed', 'The request cannot be read. Nothing was changed.');
  }
  if (isPassingFault(error)) {
    return new AppError(
      503,
      'database_unavailable',
      'The database does not answer at the moment. Send it again; it will be counted once.',
      { retry_after_seconds: 5 },
    );
  }
  // Text that PostgreSQL cannot hold, such as a zero byte.
  if (['22021', '22P05'].includes(databaseCodeOf(error))) {
    return new AppError(422, 'unreadable_text', 'The text has a character that cannot be kept.');
  }
  return new AppError(500, 'internal', 'The request failed on our side, and our log says why.');
}

/** Express and its parsers mark their errors with a status. */
function httpStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function wantsProblem(req: Request): boolean {
  if (/^\/(api|webhooks)\//.test(req.originalUrl)) return true;
  return req.accepts(['html', 'json']) === 'json';
}

/** The members of a problem (RFC 9457) but for the id of the request. */
export function problemOf(refusal: AppError): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
    ...refusal.details,
  };
}

function sendProblem(req: Request, res: Response, refusal: AppError): void {
  res.status(refusal.status).type('application/problem+json');
  res.send(JSON.stringify({ ...problemOf(refusal), request_id: req.id }));
}
