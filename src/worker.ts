/** The jobs, in a process of their own. `node src/worker.ts` */
import { providerOf } from './assemble.ts';
import { readConfig } from './config.ts';
import { MAIL_IS_OFF, UNSEALED, jobsOf, mailServerOf } from './jobs.ts';
import { createLedger } from './ledger/ledger.ts';
import { configureLevels } from './ledger/levels.ts';
import { catalogueReader } from './lib/catalogue-versions.ts';
import { startWorker } from './lib/jobs.ts';
import { createLog } from './lib/log.ts';
import { encryptionKeysOf } from './local-services.ts';
import { openReadyDatabase } from './open-database.ts';
import { runService, say } from './program.ts';

await runService(async (running) => {
  const config = readConfig();
  const { database } = config;
  if (database === undefined) {
    throw new Error(
      'The worker needs DATABASE_URL. With the embedded database the web program does the jobs.',
    );
  }
  const log = createLog(config.logLevel);
  const connections = await openReadyDatabase(running, config, database, log);
  const catalogue = catalogueReader(connections.staff);
  configureLevels(catalogue);
  const ledger = createLedger(connections.ledger, connections.notices);
  const encryptionKeys = await encryptionKeysOf(config);
  await running.start(
    () => {
      const { sealKeys, sessionSecrets, retentionDays, production } = config;
      const mail = mailServerOf(config, config.baseUrl ?? 'http://localhost');
      const provider = providerOf(config);
      const settings = {
        ...{ sealKeys, sessionSecrets, retentionDays, production, mail, provider },
        ...{ encryptionKeys, catalogue },
      };
      const jobs = jobsOf({ connections, ledger, log, ...settings });
      return startWorker(connections.plain, jobs, log);
    },
    (worker) => worker.stop(),
  );
  say('The worker is ready.');
  if (config.sealKeys.length === 0) say(UNSEALED);
  if (config.mail === undefined) say(MAIL_IS_OFF);
});
