/** What the command line gives to a customer. */
import type { Config } from './config.ts';
import { formatCredits, parseCredits } from './core/credits.ts';
import { createLedger } from './ledger/ledger.ts';
import { accountNamed } from './named-account.ts';
import { openDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';

const SOURCES = ['adjustment', 'promo', 'reward', 'welcome', 'import'] as const;

interface GrantValues {
  amount?: string | undefined;
  source?: string | undefined;
  reason?: string | undefined;
  key?: string | undefined;
  test?: boolean | undefined;
  customer?: string | undefined;
  workspace?: string | undefined;
}

/** Gives credits once for a key, however often it is asked. */
export async function grant(running: Running, config: Config, values: GrantValues): Promise<void> {
  const { source = 'adjustment', reason = '', key = '' } = values;
  const amount_micro = parseCredits(values.amount ?? '');
  if (amount_micro === undefined || amount_micro <= 0n) {
    throw new Error('grant needs --amount CREDITS, like 50 or 0.25.');
  }
  const known = SOURCES.find((one) => one === source);
  if (known === undefined) throw new Error(`--source is one of ${SOURCES.join(', ')}.`);
  if (reason.trim() === '') throw new Error('grant needs --reason TEXT; the customer reads it.');
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Error('grant needs --key KEY, so that it is given once: letters and digits.');
  }
  const connections = await openDatabase(running, config);
  const { staff, ledger: pool, notices } = connections;
  const account = await accountNamed(staff, values, values.test !== true);
  if (account === undefined) throw new Error('grant needs --customer ID or --workspace SLUG.');
  const outcome = await createLedger(pool, notices).execute({
    kind: 'grant',
    wallet_id: account.wallet_id,
    amount_micro,
    source: known,
    expires_at: null,
    key: { namespace: 'cli', key },
    asked: { actor_kind: 'system' },
    details: { description: reason.trim() },
  });
  if (outcome.outcome === 'refused') throw new Error(`Refused: ${outcome.refusal.code}.`);
  const { seq, available_after, replayed } = outcome;
  const given = `${formatCredits(amount_micro)} credits as entry ${seq}`;
  say(replayed ? `Given before, by this key: ${given}.` : `Given: ${given}.`);
  say(`Available after it: ${formatCredits(available_after)}.`);
}
