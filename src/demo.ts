import { randomUUID } from 'node:crypto';
import { keepSession, lockPayment, placeOrder } from './billing/orders.ts';
import { findPackage } from './billing/packages.ts';
import { settle } from './billing/settlement.ts';
import type { Debit, Grant } from './core/commands.ts';
import { MICRO_PER_CREDIT } from './core/credits.ts';
import { instantOf } from './core/instant.ts';
import { ONE_UNIT } from './core/price-rules.ts';
import { within } from './ledger/ledger.ts';
import type { Connections, Trx } from './lib/database.ts';
import { AppError } from './lib/errors.ts';
import { createPerson, hashPassword } from './people/people.ts';
import { welcomeOf } from './preset-terms.ts';
import type { Preset } from './presets/preset.ts';
import { type PricedOperation, pricedOperations } from './pricing/price-book.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

/** Who can look around without signing up, on a machine of one's own only. */
export const DEMO_PERSON = {
  name: 'Demo Studio',
  email: 'demo@scrip.example',
  password: 'prepaid-demo',
} as const;

const DAY_MILLISECONDS = 86_400_000;
/** Two times four weeks to compare, and a week before them. */
const WEEKS = 9;
/** What is bought, on which day: much, then twice too little. */
const PURCHASES = [
  { day: 2, which: 'popular' },
  { day: 45, which: 'smallest' },
  { day: 57, which: 'smallest' },
] as const;

/**
 * Makes the demo person once, with a workspace whose nine weeks of history were written by real
 * commands through the ledger, with times of their own: all of it, or after a kill nothing yet.
 */
export async function seedDemo(connections: Connections, preset: Preset): Promise<void> {
  const known = await connections.app
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', DEMO_PERSON.email)
    .executeTakeFirst();
  if (known !== undefined) return;
  const password_hash = await hashPassword(DEMO_PERSON.password);
  const begin = new Date(Date.now() - WEEKS * 7 * DAY_MILLISECONDS);
  const after = (day: number): Date => new Date(begin.getTime() + day * DAY_MILLISECONDS);
  await connections.app
    .transaction()
    .execute(async (trx) => {
      const demo = await joinDemo(trx, preset, password_hash, begin);
      const buy = (which: 'popular' | 'smallest', at: Date) =>
        buyDemo(trx, demo, { currency: preset.currency, code: codeOf(preset, which) }, at);
      const spending = { preset, buy: (at: Date) => buy('smallest', at) };
      let from = 0;
      for (const { day, which } of PURCHASES) {
        await spendDemo(trx, demo, after, { from, until: day, ...spending });
        await buy(which, after(day));
        from = day;
      }
      await spendDemo(trx, demo, after, { from, until: WEEKS * 7, ...spending });
      await thankDemo(trx, demo, preset, after(WEEKS * 7));
    })
    .catch((error: unknown) => {
      // Another process that started at the same time has made the demo person.
      if (!(error instanceof AppError && error.code === 'address_taken')) throw error;
    });
}

interface Demo {
  person_id: string;
  workspace_id: string;
  wallet_id: string;
}

/** From here on the transaction is in the demo person's workspace. */
async function joinDemo(trx: Trx, preset: Preset, password_hash: string, at: Date): Promise<Demo> {
  let made = { workspace_id: '', wallet_id: '' };
  const { email } = DEMO_PERSON;
  const name = preset.demo?.name ?? DEMO_PERSON.name;
  const person = await createPerson(
    trx,
    { name, email, password_hash, verified: true },
    async (inner, created) => {
      const { currency } = preset;
      const options = { currency, welcome: welcomeOf(preset), at };
      made = await createPersonalWorkspace(inner, created, options);
    },
  );
  return { ...made, person_id: person.id };
}

function codeOf({ packages }: Preset, which: 'popular' | 'smallest'): string | undefined {
  const popular = which === 'popular' ? packages.find((one) => one.popular) : undefined;
  return (popular ?? packages[0])?.code;
}

async function buyDemo(
  trx: Trx,
  demo: Demo,
  { currency, code }: { currency: string; code: string | undefined },
  at: Date,
): Promise<void> {
  const chosen = code === undefined ? undefined : await findPackage(trx, code, currency);
  if (chosen === undefined) return;
  const ordered = await placeOrder(trx, {
    workspace_id: demo.workspace_id,
    buyer: { kind: 'person', id: demo.person_id },
    package: chosen,
    nonce: randomUUID(),
    provider: 'simulated',
    livemode: false,
    origin: {},
  });
  const session = `cs_demo_${ordered.id}`;
  await keepSession(trx, ordered.id, { id: session, url: 'https://checkout.stripe.com/' });
  const payment = await lockPayment(trx, ordered.id);
  if (payment === undefined) return;
  const paid = {
    session_id: session,
    payment_intent_id: null,
    subtotal_minor: payment.subtotal_minor,
    discount_minor: 0n,
    tax_minor: 0n,
    total_minor: payment.subtotal_minor,
    currency: payment.currency,
  };
  await settle(trx, payment, paid, at);
}

interface DemoRun {
  debit: Debit;
  at: Date;
}

/**
 * A few runs on working days, fewer at weekends and before the second purchase; always the same.
 * Where the credits run out something is bought, and the day goes on.
 */
async function spendDemo(
  trx: Trx,
  demo: Demo,
  after: (day: number) => Date,
  spending: { from: number; until: number; preset: Preset; buy: (at: Date) => Promise<void> },
): Promise<void> {
  const { from, until, preset, buy } = spending;
  const operations = await pricedOperations(trx, demo.workspace_id);
  for (let day = Math.max(from + 1, 3); day <= until; day++) {
    const runs = runsOf(demo, preset, operations, { day, evening: after(day) });
    const rest = await runUntilRefused(trx, demo, runs);
    if (rest[0] === undefined) continue;
    await buy(rest[0].at);
    await runUntilRefused(trx, demo, rest);
  }
}

function runsOf(
  demo: Demo,
  preset: Preset,
  operations: readonly PricedOperation[],
  { day, evening }: { day: number; evening: Date },
): DemoRun[] {
  const most = preset.demo?.quantity_max ?? 6;
  const weekend = evening.getUTCDay() % 6 === 0;
  const runs = weekend ? 1 : 3 + (day % 3) + (day > 35 ? 1 : 0);
  return Array.from({ length: runs }).flatMap((_, run) => {
    const operation = operations[(day * 5 + run * 3) % operations.length];
    if (operation === undefined) return [];
    const debit: Debit = {
      kind: 'debit',
      wallet_id: demo.wallet_id,
      operation: operation.code,
      quantity: BigInt(1 + ((day + run * 2) % most)) * ONE_UNIT,
      rule: operation.rule,
      key: { namespace: 'demo', key: `day ${day} run ${run}` },
      asked: { actor_kind: 'person', actor_id: demo.person_id },
    };
    return [{ debit, at: new Date(evening.getTime() + (run - runs) * 47 * 60_000) }];
  });
}

/** @returns what was not run: the first was refused, because there were too few credits */
async function runUntilRefused(
  trx: Trx,
  demo: Demo,
  runs: readonly DemoRun[],
): Promise<readonly DemoRun[]> {
  return within(trx, [demo.wallet_id], async (wallets) => {
    for (const [index, { debit, at }] of runs.entries()) {
      const { outcome } = await wallets.run(debit, instantOf(at));
      if (outcome === 'refused') return runs.slice(index);
    }
    return [];
  });
}

/** A reward that is for the last operation only and expires soon. */
async function thankDemo(trx: Trx, demo: Demo, { operations }: Preset, now: Date): Promise<void> {
  const [last] = operations.slice(-1);
  if (last === undefined) return;
  const at = new Date(now.getTime() - 20 * 60_000);
  const grant: Grant = {
    kind: 'grant',
    wallet_id: demo.wallet_id,
    amount_micro: 6n * MICRO_PER_CREDIT,
    source: 'reward',
    expires_at: instantOf(new Date(at.getTime() + 24 * DAY_MILLISECONDS)),
    operations: [last.code],
    details: { description: 'For your first nine weeks' },
    key: { namespace: 'demo', key: 'thanks' },
    asked: { actor_kind: 'system' },
  };
  await within(trx, [demo.wallet_id], (wallets) => wallets.run(grant, instantOf(at)));
}
