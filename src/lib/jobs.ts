import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Logger as QueueLogger,
  type Runner,
  type Task,
  parseCronItems,
  run,
} from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from './log.ts';

/** Work outside of requests. A job may run twice, so each is written to do its work once. */
export interface Job {
  /** Noun and verb: `ledger.sweep`. */
  name: string;
  /** When it runs by itself, as cron writes it, in UTC. */
  cron?: string;
  /**
   * For what cannot wait for the next minute: each process does it by itself, so long after it was
   * done, and not through the queue.
   */
  every_seconds?: number;
  run: () => Promise<void>;
}

export interface Worker {
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

const START_AGAIN_MILLISECONDS = 1_000;
/** What is done every few seconds and fails is left alone for so much longer. */
const AFTER_FAULT = 10;

/**
 * Works through the queue until stopped. Several processes share the work. The queue ends by itself
 * when the database refuses what it has to write down, as on a full disk; then it starts again.
 * @throws when it cannot start at first
 */
export async function startWorker(
  pool: pg.Pool,
  jobs: readonly Job[],
  log: Logger,
): Promise<Worker> {
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  let starting = startQueue(pool, jobs, log);
  await starting;
  const keepRunning = async (): Promise<void> => {
    for (;;) {
      const error = await starting.then((queue) => queue.promise).catch((fault: unknown) => fault);
      if (isStopping()) return;
      log.error({ err: error }, 'the job queue has ended, and starts again');
      const { signal } = stopping;
      await pause(START_AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
      starting = startQueue(pool, jobs, log);
    }
  };
  void keepRunning();
  const repeated = jobs.map((job) => repeat(job, stopping.signal, log));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([...repeated, starting.then(stopQueue, () => undefined)]);
    },
  };
}

/** Does a job every few seconds until it is to stop; returns when it does no more. */
async function repeat(
  { name, every_seconds, run: work }: Job,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  if (every_seconds === undefined) return;
  while (!signal.aborted) {
    const factor = await work().then(
      () => 1,
      (error: unknown) => {
        log.error({ job: name, err: error }, 'a job failed');
        return AFTER_FAULT;
      },
    );
    const milliseconds = every_seconds * 1_000 * factor;
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

function startQueue(pool: pg.Pool, jobs: readonly Job[], log: Logger): Promise<Runner> {
  const tasks = jobs.map((job): [string, Task] => [job.name, () => job.run()]);
  return run({
    pgPool: pool,
    concurrency: 2,
    noHandleSignals: true,
    pollInterval: 10_000,
    taskList: Object.fromEntries(tasks),
    parsedCronItems: parseCronItems(
      jobs.flatMap((job) =>
        job.cron === undefined ? [] : [{ task: job.name, match: job.cron, identifier: job.name }],
      ),
    ),
    logger: queueLog(log),
    // Without a batch, nobody catches what goes wrong when the end of a job is written down.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
}

async function stopQueue(queue: Runner): Promise<void> {
  const jobsAreDone = Promise.race([
    once(queue.events, 'pool:gracefulShutdown:complete'),
    once(queue.events, 'pool:gracefulShutdown:error'),
  ]);
  // The whole of it may wait a minute for a timer, after the database was away. One that has ended
  // by itself cannot be stopped.
  await Promise.race([queue.stop().catch(() => undefined), jobsAreDone]);
}

function queueLog(log: Logger) {
  return new QueueLogger((scope) => (level, message) => {
    const about = scope.taskIdentifier === undefined ? {} : { job: scope.taskIdentifier };
    if (level === 'error') log.error(about, message);
    else if (level === 'warning') log.warn(about, message);
    else log.debug(about, message);
  });
}
