/*
 * What the ledger is compared with: the same debit without lots, prices or a program, straight on
 * the database. Whole numbers instead of UUIDs and two narrow tables: nobody could do it in less.
 */

export const BASELINE_CONNECTIONS = 32;
const PRICE_MICRO = 100_000;

/** @param wallets how many there are, each with more than any run can spend */
export function baselineTables(wallets: number): string {
  return `
    create schema baseline;
    create table baseline.wallets (
      id integer primary key,
      balance bigint not null check (balance >= 0)
    ) with (fillfactor = 50);
    create table baseline.entries (
      wallet_id integer not null,
      key bigint not null,
      operation text not null,
      quantity bigint not null,
      amount bigint not null,
      balance_after bigint not null,
      at timestamptz not null,
      primary key (wallet_id, key)
    );
    insert into baseline.wallets select number, 1000000000000000 from generate_series(1, ${wallets}) number;
    analyze baseline.wallets`;
}

export type Baseline = 'statement' | 'statement_hot' | 'for_update';

/** How a client writes a value that differs from debit to debit: `$1`, or `:wallet` in pgbench. */
interface Placeholders {
  wallet: string;
  key: string;
  balance: string;
}

/** The statements of one debit; the first answers with the balance where there is another. */
export function statementsOf(baseline: Baseline, { wallet, key, balance }: Placeholders): string[] {
  const values = `'message.send', 1000000, ${PRICE_MICRO}`;
  switch (baseline) {
    case 'statement':
    case 'statement_hot':
      return [
        `with debited as (
           update baseline.wallets set balance = balance - ${PRICE_MICRO}
           where id = ${wallet}::integer and balance >= ${PRICE_MICRO} returning id, balance)
         insert into baseline.entries (wallet_id, key, operation, quantity, amount, balance_after, at)
         select id, ${key}::bigint, ${values}, balance, clock_timestamp() from debited`,
      ];
    case 'for_update':
      return [
        `select balance from baseline.wallets where id = ${wallet}::integer for update`,
        `insert into baseline.entries (wallet_id, key, operation, quantity, amount, balance_after, at)
         values (${wallet}::integer, ${key}::bigint, ${values}, ${balance}::bigint - ${PRICE_MICRO},
           clock_timestamp())`,
        `update baseline.wallets set balance = ${balance}::bigint - ${PRICE_MICRO}
         where id = ${wallet}::integer`,
      ];
  }
}

/** One debit as a script of pgbench; `wallets` is set on its command line. */
export function pgbenchScript(baseline: Baseline): string {
  const [first = '', ...others] = statementsOf(baseline, {
    wallet: ':wallet',
    key: ':key',
    balance: ':balance',
  }).map((statement) => statement.replaceAll(/\s*\n\s*/g, ' '));
  const draw = '\\set wallet random(1, :wallets)\n\\set key random(1, 9000000000000000000)\n';
  if (others.length === 0) return `${draw}${first};\n`;
  return `${draw}begin;\n${first} \\gset\n${others.join(';\n')};\ncommit;\n`;
}
