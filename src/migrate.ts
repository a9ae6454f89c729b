/** The release step: brings the database up to date. `node src/migrate.ts` */
import { readConfig } from './config.ts';
import { prepareDatabase } from './prepare.ts';
import { runCommand, say } from './program.ts';

await runCommand(async () => {
  const config = readConfig();
  if (config.database === undefined) {
    say('There is no DATABASE_URL: the embedded database is brought up to date when Scrip starts.');
    return;
  }
  const ran = await prepareDatabase(config, config.database);
  say(ran.length === 0 ? 'The database is up to date.' : `Migrated: ${ran.join(', ')}.`);
});
