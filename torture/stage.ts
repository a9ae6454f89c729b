import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Ledger, createLedger } from '../src/ledger/ledger.ts';
import { type Connections, connect } from '../src/lib/database.ts';
import type { Running } from '../src/program.ts';
import type { Customer } from './asks.ts';
import { Journal } from './journal.ts';
import { Postgres } from './postgres.ts';
import { type SmallDisk, mountSmallDisk } from './small-disk.ts';
import { type WebProgram, release, serviceKey, webPrograms } from './programs.ts';

/** All that takes part: PostgreSQL, several programs that spend, and a ledger here that grants. */
export interface Stage {
  folder: string;
  postgres: Postgres;
  /** Where PostgreSQL has its data, where that could be had. */
  disk: SmallDisk | undefined;
  programs: readonly WebProgram[];
  ledger: Ledger;
  apiKey: string;
  journal: Journal;
}

/** @param folder where data and logs go; PostgreSQL can reach it */
export async function openStage(running: Running, folder: string, programs = 3): Promise<Stage> {
  const disk = await running.start(
    () => mountSmallDisk(folder),
    (one) => one?.unmount() ?? Promise.resolve(),
  );
  const data = path.join(disk?.folder ?? folder, 'postgres');
  await mkdir(data, { recursive: true });
  await chmod(data, 0o711);
  const postgres = await running.start(
    () => Postgres.start(data),
    (one) => one.stop(),
  );
  await release(postgres.url);
  const apiKey = await serviceKey(postgres.url);
  const started = await webPrograms(postgres.urlOfProxy, folder, programs);
  await Promise.all(
    started.map((program) =>
      running.start(
        async () => {
          program.start();
          await program.ready();
        },
        () => program.end('SIGTERM'),
      ),
    ),
  );
  const connections = await running.start(
    () => ownConnections(postgres.urlOfProxy),
    (one) => one.close(),
  );
  const journal = await running.start(
    () => Journal.open(path.join(folder, 'journal.jsonl')),
    (one) => one.close(),
  );
  const ledger = createLedger(connections.ledger, connections.notices);
  return { folder, postgres, disk, programs: started, ledger, apiKey, journal };
}

function ownConnections(url: string): Promise<Connections> {
  return connect({ url, poolMax: 4, onError: () => undefined });
}

/** Customers that nobody has named before, with empty wallets. */
export async function newCustomers(
  { postgres, programs, apiKey }: Stage,
  round: string,
  count: number,
): Promise<Customer[]> {
  const names = Array.from({ length: count }, (_, index) => `${round}-${index}`);
  const [program] = programs;
  await Promise.all(
    names.map(async (customer) => {
      const answer = await fetch(`${program?.url ?? ''}/api/v1/debits`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${apiKey}`,
          'Idempotency-Key': 'nothing yet',
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ customer, operation: 'message.send', quantity: '1' }),
      });
      if (answer.status !== 402) throw new Error(`a new customer: ${await answer.text()}`);
    }),
  );
  return postgres.query<{ customer: string; wallet_id: string }>(
    `select s.external_id as customer, w.id as wallet_id from workspaces s
     join wallets w on w.workspace_id = s.id and w.livemode
     where s.external_id = any($1) order by w.id`,
    [names],
  );
}

/** A third of them may owe what they cannot pay, another third is forgiven what it owes. */
export async function varyPolicies(
  { postgres }: Stage,
  customers: readonly Customer[],
): Promise<void> {
  await postgres.query(
    `update wallets w set
       overdraft_limit = case number % 3 when 0 then 50000000 else 0 end,
       capture_above_hold = case number % 2 when 0 then 'debit' else 'refuse' end,
       refund_to_expired_lot = case number % 2 when 0 then 'expire' else 'grace_lot' end,
       reversal = case number % 3 when 1 then 'write_off' else 'debt' end
     from unnest($1::uuid[]) with ordinality as one (id, number) where w.id = one.id`,
    [customers.map(({ wallet_id }) => wallet_id)],
  );
}
