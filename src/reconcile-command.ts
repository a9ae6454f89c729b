/** What the command line does to hold the payments beside Stripe's. */
import { stripeProvider } from './billing/provider.ts';
import { type Reconciled, reconcile } from './billing/reconciliation.ts';
import type { Config } from './config.ts';
import { formatCredits } from './core/credits.ts';
import { formatMoney } from './core/money.ts';
import { type Difference, type ReconciledDay, netDifference } from './core/reconciliation.ts';
import { openDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';

/** @throws Error when something does not agree, or could not be found out */
export async function reconcileNow(
  running: Running,
  config: Config,
  from: string | undefined,
): Promise<void> {
  const since = from === undefined ? undefined : momentOf(from);
  if (config.stripe === undefined) {
    throw new Error(
      'There is nothing to reconcile with: set STRIPE_SECRET_KEY. The program does so with simulated payments while it runs.',
    );
  }
  const provider = stripeProvider('stripe', config.stripe);
  if (provider.mode === 'off') return;
  const connections = await openDatabase(running, config);
  const run = await reconcile(connections, provider, { since });
  if (run.outcome === 'under_way') throw new Error('Another process reconciles at this moment.');
  if (run.outcome === 'failed') {
    throw new Error('Not reconciled. What was taken in before stays.', { cause: run.error });
  }
  tell(run);
}

function tell(run: Extract<Reconciled, { outcome: 'done' }>): void {
  const { looked_at, changed, findings, days, agrees, since } = run;
  say(`Since ${since.toISOString()}: ${looked_at} looked at, ${changed} taken in.`);
  for (const { object, note, state } of findings) say(`${state}: ${object}: ${note}`);
  for (const day of days) {
    say(sentenceOfDay(day));
    for (const difference of day.differences) say(`  ${sentenceOf(difference)}`);
  }
  if (!agrees) throw new Error('The payments and Stripe do not agree.');
  say('The payments and Stripe agree.');
}

function sentenceOfDay(day: ReconciledDay): string {
  const money = (minor: bigint): string => formatMoney(minor, day.currency);
  const moved = [
    `${day.payments} payments, ${money(day.taken_minor)} taken`,
    `${money(day.refunded_minor)} refunded`,
    `${money(day.disputed_minor)} disputed`,
    `${formatCredits(day.granted_micro)} credits granted`,
    `difference ${money(netDifference(day))}`,
  ];
  return `${day.day.slice(0, 10)} ${day.currency}: ${moved.join(', ')}`;
}

function sentenceOf({ kind, id, payment_id, currency, at_stripe, booked }: Difference): string {
  const write = (amount: bigint | undefined): string => {
    if (amount === undefined) return 'nothing';
    return kind === 'credits' ? formatCredits(amount) : formatMoney(amount, currency);
  };
  const of = payment_id === undefined ? '' : ` of payment ${payment_id}`;
  return kind === 'credits'
    ? `credits${of}: ${write(at_stripe)} sold, ${write(booked)} granted`
    : `${kind} ${id}${of}: ${write(at_stripe)} at Stripe, ${write(booked)} booked`;
}

function momentOf(text: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime()) && moment.getTime() < Date.now()) return moment;
  throw new Error('--since is a day in the past, such as 2026-11-22.');
}
