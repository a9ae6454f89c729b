import { parseCredits } from '../src/core/credits.ts';
import { keyOf } from '../src/core/milestones.ts';
import { verifyLedger } from '../src/ledger/verify.ts';
import { connect } from '../src/lib/database.ts';
import { milestonesIn } from '../src/preset-terms.ts';
import { presets } from '../src/presets/presets.ts';
import type { Answer, Ask, Customer } from './asks.ts';
import type { Load } from './load.ts';
import type { Stage } from './stage.ts';

/**
 * What does not hold after a round, when all that was asked is answered: nothing acknowledged is
 * lost, nothing is counted twice, and the acknowledged answers explain each wallet.
 */
export async function violationsOf(
  stage: Stage,
  load: Load,
  customers: readonly Customer[],
): Promise<string[]> {
  await load.settle();
  await load.repeatAll();
  const found = [...load.violations];
  for (const { endedByItself, url } of stage.programs) {
    if (endedByItself !== undefined) found.push(`the program ${url} ${endedByItself} by itself`);
  }
  found.push(...(await unexplained(stage, load.answered, customers)));
  found.push(...(await disproved(stage, customers)));
  return found;
}

/** What the ledger's own checker finds. */
async function disproved({ postgres }: Stage, customers: readonly Customer[]): Promise<string[]> {
  const { url } = postgres;
  const connections = await connect({ url, poolMax: 1, onError: () => undefined });
  try {
    const ids = customers.map(({ wallet_id }) => wallet_id);
    const violations = await verifyLedger(connections.staff, ids);
    return violations.map((violation) => JSON.stringify(violation));
  } finally {
    await connections.close();
  }
}

interface EntryRow {
  wallet_id: string;
  seq: string;
  kind: string;
  namespace: string;
  key: string;
  amount: string;
  available_after: string;
  held_after: string;
  debt_after: string;
  /** What its legs took out of the expired credits, less what they put there. */
  unexpired: string;
  takes_away: boolean;
}

/** Entries and answers are the same, one by one, and come to what each wallet has. */
async function unexplained(
  { postgres }: Stage,
  answered: ReadonlyMap<Ask, Answer>,
  customers: readonly Customer[],
): Promise<string[]> {
  const ids = customers.map(({ wallet_id }) => wallet_id);
  const entries = await postgres.query<EntryRow>(
    `select wallet_id, seq, kind, namespace, key, amount, available_after, held_after, debt_after,
       'a' = any(leg_from) as takes_away,
       (select coalesce(sum(case 'e' when "from" then amount when "to" then -amount end), 0)
        from unnest(leg_from, leg_to, leg_amounts) as leg ("from", "to", amount)) as unexpired
     from entries where wallet_id = any($1) order by wallet_id, seq`,
    [ids],
  );
  return [
    ...differences(answered, withWhatFollows(entries)),
    ...(await unequal(postgres, ids, entries)),
  ];
}

/** What the programs give by themselves while they run, by its key: to each wallet once at most. */
const REWARDS: ReadonlyMap<string, bigint> = new Map(
  milestonesIn(presets.default).achievements.map((one) => [keyOf(one), one.reward_micro]),
);

function isReward({ namespace, kind, key, amount }: EntryRow): boolean {
  return namespace === 'milestone' && kind === 'grant' && REWARDS.get(key) === BigInt(amount);
}

/** Each answer has its one entry and says the same, and no entry is without an answer or a rule. */
function differences(answered: ReadonlyMap<Ask, Answer>, entries: readonly EntryRow[]): string[] {
  const byKey = new Map(entries.map((entry) => [`${entry.wallet_id} ${entry.key}`, entry]));
  const found: string[] = [];
  if (byKey.size !== entries.length) found.push('a key has two entries');
  for (const [ask, { status, body }] of answered) {
    const name = `${ask.whose.wallet_id} ${ask.key}`;
    const entry = byKey.get(name);
    byKey.delete(name);
    const told = status < 300 ? toldOf(body) : undefined;
    const stored = entry === undefined ? undefined : storedOf(entry);
    if (told !== stored) found.push(`${ask.kind} ${name}: answered ${told}, stored ${stored}`);
    if ('command' in ask && ask.command.kind === 'transfer') {
      const other = `${ask.command.to_wallet_id} ${ask.key}`;
      if (byKey.get(other)?.amount !== entry?.amount) found.push(`${other}: nothing came in`);
      byKey.delete(other);
    }
  }
  for (const [name, entry] of byKey) {
    if (!isReward(entry)) found.push(`${name}: an entry that nobody was told of`);
  }
  return found;
}

/** What an entry of each kind does to available + held - debt, times its amount. */
const CHANGE: Readonly<Record<string, bigint>> = {
  ...{ grant: 1n, refund: 1n, reinstatement: 1n, write_off: 1n, transfer_in: 1n },
  ...{ debit: -1n, capture: -1n, clawback: -1n, transfer_out: -1n },
};

async function unequal(
  postgres: Stage['postgres'],
  ids: readonly string[],
  entries: readonly EntryRow[],
): Promise<string[]> {
  const balances = new Map(ids.map((id) => [id, 0n]));
  for (const { wallet_id, kind, amount, unexpired, takes_away } of entries) {
    const change = kind === 'adjustment' ? (takes_away ? -1n : 1n) : (CHANGE[kind] ?? 0n);
    const before = balances.get(wallet_id) ?? 0n;
    balances.set(wallet_id, before + change * BigInt(amount) + BigInt(unexpired));
  }
  const wallets = await postgres.query<{ id: string; balance: string }>(
    'select id, available + held - debt as balance from wallets where id = any($1)',
    [ids],
  );
  return wallets
    .filter(({ id, balance }) => BigInt(balance) !== balances.get(id))
    .map(({ id, balance }) => `wallet ${id} has ${balance}, its entries make ${balances.get(id)}`);
}

/** The entries that were asked for and the rewards, with the wallet as it is after all that followed from each. */
function withWhatFollows(rows: readonly EntryRow[]): EntryRow[] {
  const asked: EntryRow[] = [];
  for (const row of rows) {
    const { namespace, available_after, held_after, debt_after } = row;
    if (namespace === 'follows') {
      const last = asked.at(-1);
      if (last !== undefined) Object.assign(last, { available_after, held_after, debt_after });
    } else if (namespace !== 'due') asked.push({ ...row });
  }
  return asked;
}

function toldOf({ entry, amount, available, held, debt }: Answer['body']): string {
  return [String(entry), ...[amount, available, held, debt].map(micro)].join(' ');
}

function storedOf({ seq, amount, available_after, held_after, debt_after }: EntryRow): string {
  return [seq, amount, available_after, held_after, debt_after].join(' ');
}

function micro(credits: unknown): bigint {
  const amount = parseCredits(String(credits));
  if (amount === undefined) throw new Error(`no credits: ${String(credits)}`);
  return amount;
}
