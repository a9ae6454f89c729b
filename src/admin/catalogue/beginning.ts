import type { Request, Response } from 'express';
import { momentIn } from '../../core/local-times.ts';
import type { ChangedBy } from '../../lib/changes.ts';
import { AppError } from '../../lib/errors.ts';
import { originOf } from '../../lib/guards.ts';
import { readerOf } from '../../lib/rendering.ts';
import type { Reading } from './reading.ts';

/** What somebody is told whose form was opened before another's change. */
export const MEANWHILE =
  'Somebody else has changed this since you opened it: look at the history below. What you entered still stands here; send it again to have it as you say.';

/** When what a form changes begins, in the reader's zone; undefined: at once. */
export function beginningIn(reading: Reading, res: Response): Date | undefined {
  const text = reading.raw('from');
  if (text === '') return undefined;
  const moment = momentIn(readerOf(res).time_zone, text);
  if (moment === undefined) {
    reading.refuse('from', 'Enter a day and time, as 2026-12-01T09:00, or nothing.');
    return undefined;
  }
  const from = new Date(Number(moment.instant / 1_000n));
  if (from.getTime() < Date.now()) {
    reading.refuse('from', 'This moment is over. What begins at once has nothing here.');
  }
  return from;
}

/** Who withdraws a change that is to come. */
export function withdrawnBy(req: Request, staff: Express.User): ChangedBy {
  return by(req, staff, 'Withdrawn');
}

export function changedMeanwhile(): AppError {
  return new AppError(
    409,
    'changed_meanwhile',
    'Somebody else has changed this at the same moment. Nothing was withdrawn: look at the page again.',
  );
}

/** Who changes something, and why: the reason is asked for. */
export function changedBy(req: Request, staff: Express.User, reading: Reading): ChangedBy {
  const reason = reading.raw('reason');
  if (reason === '') reading.refuse('reason', 'Say why: it stands in the history.');
  if (reason.length > 500) reading.refuse('reason', 'At most 500 characters.');
  return by(req, staff, reason);
}

function by(req: Request, staff: Express.User, reason: string): ChangedBy {
  return {
    actor: { kind: 'person', id: staff.id },
    made_by: `person ${staff.id}`,
    reason,
    origin: originOf(req),
  };
}
