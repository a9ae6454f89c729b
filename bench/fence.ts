import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Running, say } from '../src/program.ts';
import { type Clients, chooseClients } from './clients.ts';
import { loadCustomers } from './customers.ts';
import { proveLedger } from './ledger-proof.ts';
import { type Postgres, SETTINGS, startPostgres, temporaryFolder } from './postgres.ts';
import { onlyOnce } from './program.ts';
import { machineOf, tableOf } from './report.ts';
import { type Server, release, startServer } from './server.ts';
import { type Measured, medianMeasured, observe, overHttp } from './subjects.ts';
import { rounded } from './summary.ts';

const WALLETS = 10_000;
/** The two ways in which a database can keep the program's parts apart. */
const SEPARATIONS = ['roles', 'one_user'] as const;
type Separation = (typeof SEPARATIONS)[number];

interface Options {
  rounds: number;
  seconds: number;
  nodeOnly: boolean;
}

interface Fenced {
  separation: Separation;
  /** As the program's own user. */
  url: string;
  postgres: Postgres;
  server: Server;
}

interface Cost {
  separation: Separation;
  fenced: Measured;
  open: Measured;
}

/** Single debits with row-level security as the migrations made it, and without, in turn. */
export async function benchFence(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const clients = await chooseClients(options.nodeOnly);
  const folder = await temporaryFolder(running);
  const settings = SETTINGS.recommended;
  const cluster = await startPostgres(running, path.join(folder, 'postgres'), { settings });
  const costs: Cost[] = [];
  for (const separation of SEPARATIONS) {
    const fenced = await prepare(running, cluster, { folder, separation });
    costs.push({ separation, ...(await measure(fenced, clients, options)) });
    await fenced.server.stop();
    await proveLedger(fenced.url);
  }
  say(`\n${tableOf(costs.flatMap(rowsOf))}\n\nThe ledger adds up.`);
  const percent = ({ fenced, open }: Cost, field: 'per_second' | 'postgres_us'): number =>
    rounded((100 * (fenced[field] - open[field])) / open[field]);
  const perSeparation = costs.map((cost) => [
    cost.separation,
    {
      debits_percent: percent(cost, 'per_second'),
      postgres_us_percent: percent(cost, 'postgres_us'),
    },
  ]);
  say(
    JSON.stringify({
      benchmark: 'fence',
      ...Object.fromEntries(perSeparation),
      ...{ rounds: options.rounds, seconds: options.seconds, client: clients.http },
      machine: machineOf(cluster),
      ledger_verified: true,
    }),
  );
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      clients: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 2 : 8)),
    nodeOnly: values.clients === 'node',
  };
}

/** A database with customers, of its superuser or of a user who may make no roles, and the program. */
async function prepare(
  running: Running,
  cluster: Postgres,
  { folder, separation }: { folder: string; separation: Separation },
): Promise<Fenced> {
  await cluster.query(`create role ${separation} login password 'bench'
    ${separation === 'roles' ? 'superuser' : ''}`);
  await cluster.query(`create database ${separation} owner ${separation}`);
  const url = new URL(cluster.url);
  url.pathname = `/${separation}`;
  const postgres = await asSuperuser(running, cluster, url.href);
  Object.assign(url, { username: separation, password: 'bench' });
  await release(url.href);
  const customers = { count: WALLETS, lots: 3, granted_micro: 10n ** 12n };
  await loadCustomers(postgres, { ...customers, debits_first: 0, debits_each: 0 });
  const server = await startServer(running, { databaseUrl: url.href, folder });
  return { separation, url: url.href, postgres, server };
}

/** One database of the cluster. */
async function asSuperuser(running: Running, cluster: Postgres, url: string): Promise<Postgres> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  const query = async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
    (await pool.query<Row>(text, values)).rows;
  const postgres = { ...cluster, url, query, stop: onlyOnce(() => pool.end()) };
  return running.start(() => Promise.resolve(postgres), postgres.stop);
}

async function measure(
  { separation, postgres, server }: Fenced,
  clients: Clients,
  { rounds, seconds }: Options,
): Promise<{ fenced: Measured; open: Measured }> {
  const fences = await tablesWithFence(postgres);
  const spread = overHttp({ postgres, server, clients, wallets: WALLETS }, 'spread');
  const runs = { fenced: new Array<Measured>(), open: new Array<Measured>() };
  for (let round = 1; round <= rounds; round++) {
    for (const name of ['fenced', 'open'] as const) {
      await postgres.query(
        fences.map((table) => `alter table ${table} ${ACTIONS[name]} row level security`).join(';'),
      );
      // Statements are planned again.
      await spread.load(Math.min(2, seconds));
      const run = await observe({ server, postgres }, spread, seconds);
      runs[name].push(run);
      say(`round ${round}: ${separation} ${name} ${Math.round(run.per_second)}/s`);
    }
  }
  return { fenced: medianMeasured(runs.fenced), open: medianMeasured(runs.open) };
}

const ACTIONS = { fenced: 'enable', open: 'disable' };

async function tablesWithFence({ query }: Postgres): Promise<string[]> {
  const found = await query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relrowsecurity order by 1`,
  );
  return found.map(({ name }) => name);
}

function rowsOf({ separation, fenced, open }: Cost) {
  return Object.entries({ fenced, open }).map(([name, measured]) => ({
    what: `${separation} ${name}`,
    'debits/s': Math.round(measured.per_second),
    server_us: rounded(measured.server_us),
    postgres_us: rounded(measured.postgres_us),
  }));
}
