/** The jobs, in a process of their own. `node src/worker.ts` */
import { readConfig } from './config.ts';
import { jobsOf } from './jobs.ts';
import { createLedger } from './ledger/ledger.ts';
import { startWorker } from './lib/jobs.ts';
import { createLog } from './lib/log.ts';
import { openConnections } from './prepare.ts';
import { runProgram, say, stopOnSignal } from './program.ts';

await runProgram(async () => {
  const config = readConfig();
  if (config.database === undefined) {
    throw new Error(
      'The worker needs DATABASE_URL. With the embedded database the web program does the jobs.',
    );
  }
  const log = createLog(config.logLevel);
  const connections = await openConnections(config, config.database, (error) => {
    log.warn({ err: error }, 'a database connection was lost');
  });
  const ledger = createLedger(connections.ledger);
  const worker = await startWorker(connections.plain, jobsOf({ connections, ledger, log }), log);
  stopOnSignal(async () => {
    await worker.stop();
    await connections.close();
  });
  say('The worker is ready.');
});
