import { parseCredits } from '../src/core/credits.ts';
import type { Answer, Ask, Customer, Kind } from './asks.ts';
import type { Load } from './load.ts';
import { ProgramError } from '../bench/program.ts';
import { verify } from './programs.ts';
import type { Stage } from './stage.ts';

/** What a command of each kind does to available + held - debt, times its amount. */
const CHANGE: Record<Kind, bigint> = {
  ...{ grant: 1n, refund: 1n, debit: -1n, capture: -1n },
  ...{ hold: 0n, extend: 0n, release: 0n },
};

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
  await verify(stage.postgres.url).catch((error: unknown) => {
    if (!(error instanceof ProgramError)) throw error;
    found.push(error.message);
  });
  return found;
}

interface EntryRow {
  wallet_id: string;
  seq: string;
  namespace: string;
  key: string;
  amount: string;
  available_after: string;
  held_after: string;
  debt_after: string;
}

/** Entries and answers are the same, one by one, and come to what each wallet has. */
async function unexplained(
  { postgres }: Stage,
  answered: ReadonlyMap<Ask, Answer>,
  customers: readonly Customer[],
): Promise<string[]> {
  const ids = customers.map(({ wallet_id }) => wallet_id);
  const entries = withWhatFollows(
    await postgres.query<EntryRow>(
      `select wallet_id, seq, namespace, key, amount, available_after, held_after, debt_after
       from entries where wallet_id = any($1) order by wallet_id, seq`,
      [ids],
    ),
  );
  const byKey = new Map(entries.map((entry) => [`${entry.wallet_id} ${entry.key}`, entry]));
  const found: string[] = [];
  if (byKey.size !== entries.length) found.push('a key has two entries');
  const balances = new Map(ids.map((id) => [id, 0n]));
  for (const [{ key, kind, whose }, { status, body }] of answered) {
    const name = `${whose.wallet_id} ${key}`;
    const entry = byKey.get(name);
    byKey.delete(name);
    const told = status < 300 ? toldOf(body) : undefined;
    const stored = entry === undefined ? undefined : storedOf(entry);
    if (told !== stored) found.push(`${kind} ${name}: answered ${told}, stored ${stored}`);
    const amount = status < 300 ? micro(body['amount']) : 0n;
    balances.set(whose.wallet_id, (balances.get(whose.wallet_id) ?? 0n) + CHANGE[kind] * amount);
  }
  for (const name of byKey.keys()) found.push(`${name}: an entry that nobody was told of`);
  const wallets = await postgres.query<{ id: string; balance: string }>(
    'select id, available + held - debt as balance from wallets where id = any($1)',
    [ids],
  );
  for (const { id, balance } of wallets) {
    const explained = balances.get(id);
    if (BigInt(balance) !== explained)
      found.push(`wallet ${id} has ${balance}, and answers come to ${explained}`);
  }
  return found;
}

/** The entries that were asked for, with the wallet as it is after all that followed from each. */
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
