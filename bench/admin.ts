import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, say } from '../src/program.ts';
import { loadBusiness } from './business.ts';
import { customersIn } from './customers.ts';
import { loadEntries } from './growth-database.ts';
import { membersOf } from './members.ts';
import { type Postgres, SETTINGS, startPostgres, temporaryFolder } from './postgres.ts';
import { machineOf, tableOf } from './report.ts';
import { startServer } from './server.ts';
import { type Subject, measure, rowsOf, subjectOf } from './turns.ts';

interface Options {
  rounds: number;
  seconds: number;
  customers: number;
  entries: number;
}

/** Somebody whom support looks for. */
interface Sought {
  workspace_id: string;
  payment_id: string;
  email: string;
  name: string;
}

/** Pages of the admin area where there are many customers with many entries. */
export async function benchAdmin(running: Running, parameters: string[]): Promise<void> {
  const options = optionsOf(parameters);
  const { customers, entries } = options;
  const folder = await temporaryFolder(running);
  const data = path.join(folder, 'data');
  const first = Math.floor(entries / 100);
  const each = Math.max(2, Math.floor((entries - first) / (customers - 1)));
  const started = performance.now();
  await loadEntries(running, data, { count: customers, first, each }, loadBusiness);
  const seconds = Math.round((performance.now() - started) / 1000);
  say(`${customers.toLocaleString('en')} customers, ${entries.toLocaleString('en')} entries`);
  say(`loaded in ${seconds} s`);
  const postgres = await startPostgres(running, data, { settings: SETTINGS.recommended });
  const server = await startServer(running, { databaseUrl: postgres.url, folder });
  const cookie = await staffCookie(postgres, server);
  const subjects = subjectsOf({ port: server.port, cookie }, await soughtIn(postgres));
  await measure(subjects, { postgres, server }, options);
  const rows = rowsOf(subjects);
  say(`\n${tableOf(rows)}\n`);
  say(
    JSON.stringify({
      p50_ms: Object.fromEntries(rows.map(({ page, p50_ms }) => [page, p50_ms])),
      p99_ms: Object.fromEntries(rows.map(({ page, p99_ms }) => [page, p99_ms])),
      pages: rows,
      ...options,
      settings: SETTINGS.recommended,
      machine: machineOf(postgres),
    }),
  );
}

function optionsOf(parameters: string[]): Options {
  const { values } = parseArgs({
    args: parameters,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      customers: { type: 'string' },
      entries: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    seconds: Number(values.seconds ?? (quick ? 2 : 20)),
    customers: Number(values.customers ?? (quick ? 1_000 : 100_000)),
    entries: Number(values.entries ?? (quick ? 10_000 : 1_000_000)),
  };
}

/** Of the super admin, who sees all that there is to see. */
async function staffCookie(
  postgres: Postgres,
  server: Parameters<typeof membersOf>[1],
): Promise<string> {
  const customers = await customersIn(postgres);
  const [member] = await membersOf(postgres, server, customers.slice(-1));
  if (member === undefined) throw new Error('nobody is signed in');
  await postgres.query(
    `update people set staff_role = 'super_admin', email_verified_at = now()
     where id in (select person_id from memberships where workspace_id = $1)`,
    [customers.at(-1)?.workspace_id],
  );
  return member.cookie;
}

/** Some from all of them: among many, those who came early and late. */
function soughtIn({ query }: Postgres): Promise<Sought[]> {
  return query<Sought>(`
    select workspace_id, email, name,
      (select id from payments where workspace_id = p.workspace_id order by id limit 1) as payment_id
    from bench.people p where number > 1
      and number % greatest(1, (select count(*) from bench.people) / 500) = 0
    order by hashint8(number)`);
}

function subjectsOf(on: { port: number; cookie: string }, sought: readonly Sought[]): Subject[] {
  const page = (name: string, to: (one: Sought) => string): Subject =>
    subjectOf(name, (asked) => {
      const one = sought[asked % sought.length];
      if (one === undefined) throw new Error('there are no customers');
      return { ...on, path: `/admin/${to(one)}` };
    });
  const find = (text: string): string => `customers?q=${encodeURIComponent(text)}`;
  const numberOf = (id: string): string => id.slice(-12).toUpperCase();
  return [
    page('overview', () => 'overview'),
    page('overview_of_90_days', () => 'overview?range=90'),
    page('customers', () => 'customers'),
    page('customers_further_on', (one) => `customers?before=${one.workspace_id}`),
    page('customers_frozen', () => 'customers?state=frozen'),
    page('found_by_mail', (one) => find(one.email)),
    page('found_by_name', (one) => find(one.name)),
    page('found_by_letter', (one) => find(one.name.slice(0, 1))),
    page('found_by_id', (one) => find(one.workspace_id)),
    page('found_by_payment', (one) => find(one.payment_id)),
    page('customer', (one) => `customers/${one.workspace_id}`),
    page('customer_entries', (one) => `customers/${one.workspace_id}/history`),
    page('payments', () => 'payments'),
    page('payments_failed', () => 'payments?status=failed'),
    page('payment_by_number', (one) => `payments?number=${numberOf(one.payment_id)}`),
    page('payment', (one) => `payments/${one.payment_id}`),
    page('audit', () => 'audit'),
    page('audit_of_customer', (one) => `audit?workspace=${one.workspace_id}`),
    page('audit_of_action', () => 'audit?action=workspace.renamed'),
  ];
}
