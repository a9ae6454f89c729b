import { randomUUID } from 'node:crypto';
import { keepSession, lockPayment, placeOrder } from './billing/orders.ts';
import { findPackage } from './billing/packages.ts';
import { settle } from './billing/settlement.ts';
import { instantOf } from './core/instant.ts';
import { ONE_UNIT } from './core/price-rules.ts';
import { within } from './ledger/ledger.ts';
import type { Connections, Trx } from './lib/database.ts';
import { AppError } from './lib/errors.ts';
import { createPerson, hashPassword } from './people/people.ts';
import { welcomeOf } from './prepare.ts';
import type { Preset } from './presets/preset.ts';
import { pricedOperations } from './pricing/price-book.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

/** Who can look around without signing up, on a machine of one's own only. */
export const DEMO_PERSON = {
  name: 'Demo Studio',
  email: 'demo@scrip.example',
  password: 'prepaid-demo',
} as const;

const DAY_MILLISECONDS = 86_400_000;
const WEEKS = 4;

/**
 * Makes the demo person once, with a workspace whose four weeks of history were written by real
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
  const bought = new Date(begin.getTime() + 2 * DAY_MILLISECONDS);
  await connections.app
    .transaction()
    .execute(async (trx) => {
      const demo = await joinDemo(trx, preset, password_hash, begin);
      await buyDemo(trx, demo, preset, bought);
      await spendDemo(trx, demo, bought);
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
  const { name, email } = DEMO_PERSON;
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

async function buyDemo(trx: Trx, demo: Demo, preset: Preset, at: Date): Promise<void> {
  const popular = preset.packages.find((one) => one.popular) ?? preset.packages[0];
  if (popular === undefined) return;
  const chosen = await findPackage(trx, popular.code, preset.currency);
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

/** A few runs on working days, fewer at weekends, the same each time. */
async function spendDemo(trx: Trx, demo: Demo, after: Date): Promise<void> {
  const operations = await pricedOperations(trx, demo.workspace_id);
  const days = Math.floor((Date.now() - after.getTime()) / DAY_MILLISECONDS);
  await within(trx, [demo.wallet_id], async (wallets) => {
    for (let day = 1; day <= days; day++) {
      const morning = new Date(after.getTime() + day * DAY_MILLISECONDS);
      const weekend = morning.getUTCDay() % 6 === 0;
      const runs = weekend ? 1 : 3 + (day % 3);
      for (let run = 0; run < runs; run++) {
        const at = new Date(morning.getTime() + (run - runs) * 47 * 60_000);
        const operation = operations[(day * 5 + run * 3) % operations.length];
        if (operation === undefined) continue;
        await wallets.run(
          {
            kind: 'debit',
            wallet_id: demo.wallet_id,
            operation: operation.code,
            quantity: BigInt(1 + ((day + run * 2) % 6)) * ONE_UNIT,
            rule: operation.rule,
            key: { namespace: 'demo', key: `day ${day} run ${run}` },
            asked: { actor_kind: 'person', actor_id: demo.person_id },
          },
          instantOf(at),
        );
      }
    }
  });
}
