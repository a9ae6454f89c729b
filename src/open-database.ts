import type { Config } from './config.ts';
import type { Connections } from './lib/database.ts';
import type { Logger } from './lib/log.ts';
import { startLocalServices } from './local-services.ts';
import {
  type DatabaseAddress,
  migrateDatabase,
  openConnections,
  prepareDatabase,
  requireSchema,
} from './prepare.ts';
import { type Running, say } from './program.ts';

/** The program's database, embedded or given, and brought up to date where the settings say so. */
export async function openDatabase(
  running: Running,
  config: Config,
  log?: Logger,
): Promise<Connections> {
  const address = config.database ?? (await startEmbedded(running, config));
  if (config.migrateOnBoot) await prepareDatabase(config, address);
  return openReadyDatabase(running, config, address, log);
}

/** The same with the schema brought up to date and no preset applied, for who chooses one. */
export async function openMigratedDatabase(running: Running, config: Config): Promise<Connections> {
  const address = config.database ?? (await startEmbedded(running, config));
  if (config.migrateOnBoot) await migrateDatabase(config, address);
  return openReadyDatabase(running, config, address);
}

/** The same to be looked at, whatever its schema is like. */
export async function openUncheckedDatabase(
  running: Running,
  config: Config,
): Promise<Connections> {
  const address = config.database ?? (await startEmbedded(running, config));
  return open(running, config, address);
}

/**
 * A database that somebody else keeps up to date.
 * @throws Error with a sentence for the operator, when it cannot be reached or is too old
 */
export async function openReadyDatabase(
  running: Running,
  config: Config,
  address: DatabaseAddress,
  log?: Logger,
): Promise<Connections> {
  const connections = await open(running, config, address, log);
  await requireSchema(connections);
  return connections;
}

function open(
  running: Running,
  config: Config,
  address: DatabaseAddress,
  log?: Logger,
): Promise<Connections> {
  return running.start(
    () =>
      openConnections(config, address, ({ message }) => {
        if (!running.ending) log?.warn({ reason: message }, 'a database connection was lost');
      }),
    (opened) => opened.close(),
  );
}

async function startEmbedded(running: Running, config: Config): Promise<DatabaseAddress> {
  const services = await running.start(
    () => startLocalServices(config, say),
    (started) => started.stop(),
  );
  return services.address;
}
