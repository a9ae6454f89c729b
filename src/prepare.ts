import { migrations } from '../migrations/all.ts';
import { applyPreset } from './apply-preset.ts';
import { type Connections, connect } from './lib/database.ts';
import { migrate, pendingMigrations } from './lib/migrate.ts';
import type { Config } from './config.ts';
import { presetFor } from './preset-in-use.ts';

/** Where the program's database is, whoever runs it. */
export interface DatabaseAddress {
  url: string;
  migrationUrl: string;
  appUser: string | undefined;
}

/**
 * Brings a database up to date: the schema, and what the preset sells where it is not on sale yet.
 * Safe to call from several processes at once.
 * @returns the names of the migrations that ran now
 * @throws Error with a sentence for the operator, when the database has another preset than is named
 */
export async function prepareDatabase(config: Config, address: DatabaseAddress): Promise<string[]> {
  const ran = await migrateDatabase(config, address);
  const connections = await openConnections(config, address, () => undefined);
  try {
    await connections.app
      .transaction()
      .execute(async (trx) => applyPreset(trx, await presetFor(trx, config.preset)));
  } finally {
    await connections.close();
  }
  return ran;
}

/** The schema alone. */
export async function migrateDatabase(config: Config, address: DatabaseAddress): Promise<string[]> {
  const ssl = config.databaseSsl === undefined ? {} : { ssl: config.databaseSsl };
  return migrate({
    url: address.migrationUrl,
    ...ssl,
    ...(address.appUser === undefined ? {} : { appUser: address.appUser }),
    migrations,
  }).catch((error: unknown) => {
    throw new Error('The database could not be brought up to date.', { cause: error });
  });
}

/**
 * The connections of a process.
 * @throws Error with a sentence for the operator, when the database cannot be reached
 */
export async function openConnections(
  config: Config,
  address: Pick<DatabaseAddress, 'url'>,
  onError: (error: Error) => void,
): Promise<Connections> {
  try {
    return await connect({
      url: address.url,
      ...(config.databaseSsl === undefined ? {} : { ssl: config.databaseSsl }),
      poolMax: config.poolMax,
      onError,
    });
  } catch (error) {
    const which = config.database === undefined ? 'The embedded database' : 'DATABASE_URL';
    throw new Error(`${which} cannot be used.`, { cause: error });
  }
}

/** Whether the schema is as new as this program needs it; a newer one serves as well. */
export async function isUpToDate(connections: Connections): Promise<boolean> {
  return (await pendingMigrations(connections.app, migrations)).length === 0;
}

/** @throws Error with a sentence for the operator, when the schema is older than this program */
export async function requireSchema(connections: Connections): Promise<void> {
  const pending = await pendingMigrations(connections.app, migrations);
  if (pending.length === 0) return;
  throw new Error(
    `The database is older than this program: it lacks ${pending.join(', ')}. Run node src/migrate.ts first, or set MIGRATE_ON_BOOT=1.`,
  );
}
