/** What the doctor finds out by the settings and the database alone. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { migrations } from '../migrations/all.ts';
import type { Config } from './config.ts';
import { type Finding, bad, good, hint } from './core/findings.ts';
import { readHealth } from './health.ts';
import type { Connections } from './lib/database.ts';
import { type DatabaseFacts, databaseFacts } from './lib/database-facts.ts';
import { pendingMigrations } from './lib/migrate.ts';
import { hasSuperAdmin } from './people/staff.ts';
import { resealAll } from './reseal.ts';
import { presetInUse } from './preset-in-use.ts';

const VERSION_MIN = 160_000;
const CLOCK_MILLISECONDS_MAX = 2_000;
/** Beside the two large pools of a process. */
const CONNECTIONS_BESIDE = 13;
const LAG_SECONDS_MAX = 300;
const FREE_SHARE_MIN = 0.1;

/** Examines settings, database, secrets and jobs; asks nobody outside. */
export async function examineHere(
  config: Config,
  connections: Connections,
  encryptionKeys: readonly string[],
): Promise<Finding[]> {
  // With the embedded database the program makes a key by itself.
  const seals = config.sealKeys.length > 0 || config.database === undefined;
  const { app, staff, separation } = connections;
  const pending = await pendingMigrations(app, migrations);
  if (pending.length > 0) {
    const says = `The database lacks ${pending.join(', ')}.`;
    return [...ofSettings(config), bad('migrations', says, 'Run node src/migrate.ts.')];
  }
  const facts = await databaseFacts(staff, separation === 'roles');
  return [
    ...ofSettings(config),
    ...ofDatabase(facts, separation),
    ofPool(facts, config),
    ...(config.database === undefined ? [await ofDisk(config)] : []),
    good('migrations', `All ${Object.keys(migrations).length} have run.`),
    ofPreset(await presetInUse(app), config),
    ofSecrets(await resealAll(connections, encryptionKeys, false)),
    ...(await ofJobs(connections, seals)),
    (await hasSuperAdmin(app))
      ? good('staff', 'There is a super admin.')
      : hint('staff', 'Nobody is super admin.', 'npm run cli -- create-admin, or ADMIN_EMAILS.'),
  ];
}

function ofPreset(code: string | undefined, { preset: named }: Config): Finding {
  if (code === undefined) return bad('preset', 'None is applied yet.', 'Run node src/migrate.ts.');
  if (named === undefined || named === code) return good('preset', `The database has ${code}.`);
  const says = `The database has ${code}, and SCRIP_PRESET says ${named}.`;
  return bad('preset', says, `npm run cli -- preset ${named}, or SCRIP_PRESET=${code}.`);
}

function ofSettings(config: Config): Finding[] {
  const { baseUrl = '', production } = config;
  const found: Finding[] = [
    good('settings', `They can be used${production ? ', in production' : ''}.`),
  ];
  const isHttps = baseUrl.startsWith('https:');
  if (production && !isHttps) {
    const says = `BASE_URL is ${baseUrl}: sessions would travel in the clear.`;
    found.push(bad('base URL', says, 'Put a proxy with TLS in front, and name its https address.'));
  }
  if (isHttps && config.trustProxy === 0) {
    const says = 'BASE_URL is https and TRUST_PROXY is 0: nobody can sign in.';
    found.push(bad('base URL', says, 'Set TRUST_PROXY=1.'));
  }
  if (config.database !== undefined && config.sealKeys.length === 0) {
    const says = 'The hours of the ledger are not sealed.';
    found.push(hint('seals', says, 'Set SEAL_KEY where the jobs run: openssl rand -hex 32.'));
  }
  if (config.mail === undefined) {
    found.push(hint('mail', 'Mail is off.', 'Set SMTP_URL and MAIL_FROM.'));
  }
  return found;
}

function ofDatabase(facts: DatabaseFacts, separation: Connections['separation']): Finding[] {
  const { version, version_number, unsafe, unguarded, clock_ahead_milliseconds } = facts;
  const mode = separation === 'roles' ? 'roles' : 'one user';
  const skew = Math.round(clock_ahead_milliseconds);
  const entries = 'The program may change entries of the ledger.';
  return [
    version_number >= VERSION_MIN
      ? good('database', `PostgreSQL ${version}, kept apart by ${mode}, ${sizeOf(facts.bytes)}.`)
      : bad('database', `PostgreSQL ${version} is too old.`, 'Scrip needs 16 or later.'),
    good('extensions', 'None is needed.'),
    unguarded.length === 0
      ? good('row-level security', 'Every table of workspaces has it.')
      : bad('row-level security', `It is off for ${unguarded.join(', ')}.`, RESTORE_ACCESS),
    facts.entries_can_change
      ? bad('entries', entries, RESTORE_ACCESS)
      : good('entries', 'Nobody whom the program is may change or delete them.'),
    unsafe.length === 0
      ? good('durability', 'What is acknowledged survives a crash.')
      : bad('durability', `${unsafe.join(', ')} is off.`, 'Turn it on in postgresql.conf.'),
    Math.abs(skew) <= CLOCK_MILLISECONDS_MAX
      ? good('clock', `The database's is ${skew} ms ahead of ours.`)
      : hint('clock', `The database's is ${skew} ms ahead of ours.`, 'Turn on NTP on both.'),
  ];
}

const RESTORE_ACCESS =
  'Somebody has changed it by hand. Compare with schema.sql, and put back what it grants.';

function ofPool({ connections, connections_max }: DatabaseFacts, { poolMax }: Config): Finding {
  const each = 2 * poolMax + CONNECTIONS_BESIDE;
  const says = `${connections} of ${connections_max} connections are open; a process takes up to ${each}.`;
  if (connections + each <= connections_max) return good('connections', says);
  return hint('connections', says, 'Lower DATABASE_POOL_MAX, or raise max_connections.');
}

async function ofDisk({ dataFolder }: Config): Promise<Finding> {
  // Before the first start it is not there yet, and will be made on the same disk.
  const there = existsSync(dataFolder) ? dataFolder : path.dirname(path.resolve(dataFolder));
  const { bavail, blocks, bsize } = await statfs(there);
  const says = `${sizeOf(BigInt(bavail) * BigInt(bsize))} are free for ${dataFolder}.`;
  if (bavail / blocks >= FREE_SHARE_MIN) return good('disk', says);
  return bad('disk', says, 'Make room: on a full disk nothing is written any more.');
}

function ofSecrets({ renewed, unreadable }: { renewed: number; unreadable: number }): Finding {
  if (unreadable > 0) {
    const says = `${unreadable} secrets are encrypted with a key that ENCRYPTION_KEY does not name.`;
    return bad('secrets', says, 'Name that key too, behind the newest.');
  }
  if (renewed === 0) return good('secrets', 'All are encrypted with the newest key.');
  const says = `${renewed} secrets are plain, or encrypted with an older key.`;
  return hint('secrets', says, 'A job encrypts them at night; npm run cli -- reseal does at once.');
}

async function ofJobs(connections: Connections, seals: boolean): Promise<Finding[]> {
  const { ledger, jobs, mails, deliveries, flagged_events, now } = await readHealth(connections);
  const late = Object.entries({
    'jobs of the queue': jobs.oldest_due_at,
    'entries of what expires': ledger.overdue_since,
    'news to alerts and webhooks': ledger.untold_since,
    'messages to endpoints': deliveries.oldest_due_at,
    mails: mails.oldest_at,
  }).filter(([, at]) => at !== null && now.getTime() - at.getTime() > LAG_SECONDS_MAX * 1_000);
  const names = late.map(([name]) => name).join(', ');
  const found: Finding[] = [
    late.length === 0
      ? good('jobs', 'Nothing waits for long.')
      : bad('jobs', `Late: ${names}.`, 'Start node src/worker.ts, or look into its log.'),
  ];
  if (jobs.failed > 0n) {
    const mend = 'select * from graphile_worker.jobs where attempts >= max_attempts';
    found.push(bad('jobs', `${jobs.failed} were given up.`, mend));
  }
  if (flagged_events > 0n) {
    const says = `Somebody has to look at ${flagged_events} events of Stripe.`;
    found.push(hint('payments', says, 'See /admin/flagged.'));
  }
  const sealed = ledger.sealed_until?.toISOString() ?? 'never';
  const proved = ledger.proved_until?.toISOString() ?? 'never';
  found.push(good('ledger', `Proved until ${proved}${seals ? `, sealed until ${sealed}` : ''}.`));
  return found;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function sizeOf(bytes: bigint): string {
  let [size, unit] = [Number(bytes), 0];
  while (size >= 1_000 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size.toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit] ?? ''}`;
}
