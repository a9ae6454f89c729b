import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrations } from '../../migrations/all.ts';
import { connect } from '../../src/lib/database.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { type EmptyDatabase, ask, emptyDatabase } from '../program/databases.ts';
import {
  type Tenant,
  type TenantTable,
  insertOf,
  newTenant,
  plantRows,
  tablesIn,
} from '../support/planted-rows.ts';

/** Tables whose rows are no workspace's, and whose they are instead. */
const OF_NO_WORKSPACE = {
  'of a person, whom each question names': [
    ...['backup_codes', 'mailed_links', 'passkeys', 'people', 'person_pictures', 'sessions'],
    ...['totp_secrets'],
  ],
  'what is sold, to everybody': [
    ...['catalogue_versions', 'operations', 'package_prices', 'package_versions'],
    ...['packages', 'plan_prices', 'plan_versions', 'plans', 'preset_versions', 'promo_codes'],
    ...['seller_details', 'welcome_arrivals', 'welcome_campaigns'],
    ...['preset_in_use', 'welcome_givings'],
  ],
  'of the staff': [
    ...['blocked_domains', 'bookkeeping', 'bulk_grant_rows', 'bulk_grants', 'reconciled_days'],
    ...['reconciliations', 'staff_deeds', 'staff_limits', 'stripe_events'],
  ],
  'of the staff, and shut to the app': [
    ...['booked_activity', 'booked_credits', 'booked_lots', 'booked_money', 'booked_wallets'],
    ...['hour_seals', 'ledger_drifts', 'ledger_proofs', 'wallet_seals'],
  ],
  'how far a job has come, and what was counted': [
    ...['alert_default_progress', 'alert_progress', 'api_rate_windows', 'invoice_counters'],
    ...['ledger_progress', 'milestone_progress', 'rate_limits'],
  ],
};

/** Both ways to separate: roles of the program's own, or one user whose pools name themselves. */
const MODES = [
  { mode: 'roles', setting: 'role=scrip_app' },
  { mode: 'one_user', setting: 'scrip.role=app' },
] as const;

const SERVER = inject('templateUrl').replace(/\/template$/, '/scrip');
const FORBIDDEN = '42501';

describe.each(MODES)('L13 row-level security, straight in SQL, by $mode', ({ mode, setting }) => {
  const [mine, theirs] = [newTenant(), newTenant()];
  const user = mode === 'roles' ? 'scrip' : `single_${randomBytes(6).toString('hex')}`;
  let database: EmptyDatabase;
  let client: pg.Client;
  let tables: { tenant: TenantTable[]; other: string[] };
  beforeAll(async () => {
    if (mode === 'one_user') await ask(SERVER, `create role ${user} login password 'secret'`);
    database = await emptyDatabase(SERVER, user);
    const url = new URL(database.url);
    if (mode === 'one_user') Object.assign(url, { username: user, password: 'secret' });
    await migrate({ url: url.href, migrations });
    const connections = await connect({ url: url.href, poolMax: 1, onError: () => undefined });
    expect(connections.separation).toBe(mode);
    await connections.close();
    tables = await tablesIn(database);
    await plantRows(database, tables.tenant, [mine, theirs]);
    client = new pg.Client({ connectionString: url.href, options: `-c ${setting}` });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
    if (mode === 'one_user') await ask(SERVER, `drop role ${user}`);
  });

  async function enter(whose: Partial<Tenant>): Promise<void> {
    await client.query(
      `select set_config('scrip.workspace_id', $1, false), set_config('scrip.person_id', $2, false)`,
      [whose.workspace_id ?? '', whose.person_id ?? ''],
    );
  }

  /** What a statement comes to, which is undone: PostgreSQL's refusal, or how many rows it was about. */
  async function outcomeOf(text: string, values: unknown[]): Promise<string | number> {
    await client.query('begin');
    try {
      return (await client.query(text, values)).rowCount ?? 0;
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error.code ?? '';
      throw error;
    } finally {
      await client.query('rollback');
    }
  }

  test('every table says whose its rows are, or is known to be no workspace’s', () => {
    expect(tables.other).toEqual(Object.values(OF_NO_WORKSPACE).flat().toSorted());
  });

  test('of no table with a workspace is a row of another one seen, by workspace, person or neither', async () => {
    const seen: string[] = [];
    const own: string[] = [];
    for (const whose of [mine, { person_id: mine.person_id }, {}]) {
      await enter(whose);
      for (const { name, owner } of tables.tenant) {
        const where = `select 1 from ${name} where ${owner} = $1`;
        const other = await outcomeOf(where, [theirs.workspace_id]);
        if (other !== 0 && other !== FORBIDDEN) seen.push(name);
        if ((await outcomeOf(where, [mine.workspace_id])) === 1) own.push(name);
      }
    }
    expect(seen).toEqual([]);
    expect(own).toEqual(
      expect.arrayContaining(['entries', 'lots', 'payments', 'webhook_endpoints']),
    );
  });

  test('no row of another workspace is changed or deleted, and none is put there or moved there', async () => {
    await enter(mine);
    const reached: string[] = [];
    for (const { name, owner, rowOf } of tables.tenant) {
      const asked: [string, unknown[]][] = [
        [`update ${name} set ${owner} = ${owner} where ${owner} = $1`, [theirs.workspace_id]],
        [`delete from ${name} where ${owner} = $1`, [theirs.workspace_id]],
        [
          `update ${name} set ${owner} = $2 where ${owner} = $1`,
          [mine.workspace_id, newTenant().workspace_id],
        ],
      ];
      for (const [text, values] of asked) {
        const outcome = await outcomeOf(text, values);
        if (outcome !== 0 && outcome !== FORBIDDEN) reached.push(`${text}: ${outcome}`);
      }
      const another = { ...newTenant(), workspace_id: theirs.workspace_id };
      const written = await outcomeOf(...insertOf(name, rowOf(another)));
      if (written !== FORBIDDEN) reached.push(`insert into ${name}: ${written}`);
    }
    expect(reached).toEqual([]);
  });

  test('row-level security is on, and forced where one user owns the tables', async () => {
    const open = await database.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace
         and relname = any($1) and not (relrowsecurity and (relforcerowsecurity or $2))`,
      [tables.tenant.map(({ name }) => name), mode === 'roles'],
    );
    expect(open).toEqual([]);
  });
});
