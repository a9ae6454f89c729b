import { Worker } from 'node:worker_threads';
import { AppError } from '../lib/errors.ts';
import type { Sheet } from './documents/sheets.ts';

/** More than this wait for nobody: who asks so often is no reader. */
const WAITING_MAX = 20;
let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * A sheet as PDF. It is drawn in a thread of its own, one at a time, since it takes some hundred
 * milliseconds of computing, for which no other request shall wait.
 * @throws AppError 503 `documents_busy`
 */
export async function pdfOf(sheet: Sheet): Promise<Uint8Array> {
  if (waiting >= WAITING_MAX) {
    throw new AppError(503, 'documents_busy', 'Too many documents are being made. Try again soon.');
  }
  waiting += 1;
  const made = last.then(() => draw(sheet)).finally(() => (waiting -= 1));
  last = made.catch(() => undefined);
  return made;
}

function draw(sheet: Sheet): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./documents/thread.ts', import.meta.url), {
      workerData: sheet,
    });
    thread.once('message', (made: Uint8Array) => {
      resolve(made);
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      reject(new Error('the thread that draws documents ended without one'));
    });
  });
}
