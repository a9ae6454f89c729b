/** Debits by bare statements, as fast as they are answered: a process of its own, as pgbench is. */
import pg from 'pg';
import { z } from 'zod';
import { BASELINE_CONNECTIONS, statementsOf } from './baselines.ts';
import { summaryOf } from './summary.ts';

const Options = z.object({
  url: z.string(),
  baseline: z.enum(['statement', 'statement_hot', 'for_update']),
  wallets: z.number(),
  lead_in_seconds: z.number(),
  seconds: z.number(),
});

const options = Options.parse(JSON.parse(process.argv[2] ?? ''));
const latencies_ms: number[] = [];
let total = 0;

const draw = (below: number): number => Math.floor(Math.random() * below);
/** Larger than what a double holds exactly, so drawn as two numbers. */
const newKey = (): string => `${1 + draw(9e6)}${String(draw(1e12)).padStart(12, '0')}`;

async function debitByStatement(client: pg.Client, wallet: number): Promise<void> {
  const [text = ''] = statementsOf(options.baseline, { wallet: '$1', key: '$2', balance: '' });
  await client.query({ name: 'debit', text, values: [wallet, newKey()] });
}

async function debitForUpdate(client: pg.Client, wallet: number): Promise<void> {
  const [select = '', insert = '', update = ''] = statementsOf('for_update', {
    wallet: '$1',
    key: '$3',
    balance: '$2',
  });
  await client.query({ name: 'begin', text: 'begin' });
  const found = await client.query<{ balance: string }>({
    name: 'select',
    text: select,
    values: [wallet],
  });
  const balance = found.rows[0]?.balance;
  await client.query({ name: 'insert', text: insert, values: [wallet, balance, newKey()] });
  await client.query({ name: 'update', text: update, values: [wallet, balance] });
  await client.query({ name: 'commit', text: 'commit' });
}

const debit = options.baseline === 'for_update' ? debitForUpdate : debitByStatement;
const clients = Array.from(
  { length: BASELINE_CONNECTIONS },
  () => new pg.Client({ connectionString: options.url }),
);
await Promise.all(clients.map((client) => client.connect()));
const from = performance.now() + options.lead_in_seconds * 1000;
const until = from + options.seconds * 1000;
await Promise.all(
  clients.map(async (client) => {
    for (let asked = performance.now(); asked < until;) {
      await debit(client, 1 + draw(options.wallets));
      const answered = performance.now();
      total += 1;
      if (answered >= from && answered < until) latencies_ms.push(answered - asked);
      asked = answered;
    }
  }),
);
await Promise.all(clients.map((client) => client.end()));
process.stdout.write(JSON.stringify(summaryOf(latencies_ms, options.seconds, total)));
