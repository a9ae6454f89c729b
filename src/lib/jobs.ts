import { once } from 'node:events';
import { Logger as QueueLogger, type Task, parseCronItems, run } from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from './log.ts';

/** Work outside of requests. A job may run twice, so each is written to do its work once. */
export interface Job {
  /** Noun and verb: `ledger.sweep`. */
  name: string;
  /** When it runs by itself, as cron writes it, in UTC. */
  cron?: string;
  run: () => Promise<void>;
}

export interface Worker {
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

/** Works through the queue until stopped. Several processes share the work. */
export async function startWorker(
  pool: pg.Pool,
  jobs: readonly Job[],
  log: Logger,
): Promise<Worker> {
  const tasks = jobs.map((job): [string, Task] => [job.name, () => job.run()]);
  const runner = await run({
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
  });
  return {
    stop: async () => {
      const jobsAreDone = Promise.race([
        once(runner.events, 'pool:gracefulShutdown:complete'),
        once(runner.events, 'pool:gracefulShutdown:error'),
      ]);
      // The whole of it may wait a minute for a timer, after the database was away.
      await Promise.race([runner.stop(), jobsAreDone]);
    },
  };
}

function queueLog(log: Logger) {
  return new QueueLogger((scope) => (level, message) => {
    const about = scope.taskIdentifier === undefined ? {} : { job: scope.taskIdentifier };
    if (level === 'error') log.error(about, message);
    else if (level === 'warning') log.warn(about, message);
    else log.debug(about, message);
  });
}
