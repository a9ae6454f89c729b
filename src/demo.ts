import { randomUUID } from 'node:crypto';
import { keepSession, lockPayment, placeOrder } from './billing/orders.ts';
import { findPackage } from './billing/packages.ts';
import { settle } from './billing/settlement.ts';
import { instantOf } from './core/instant.ts';
import { ONE_UNIT } from './core/price-rules.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type Connections, inWorkspace } from './lib/database.ts';
import { createPerson, hashPassword } from './people/people.ts';
import { creditsOf } from './prepare.ts';
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
 * commands through the ledger, with times of their own.
 */
export async function seedDemo(
  connections: Connections,
  ledger: Ledger,
  preset: Preset,
): Promise<void> {
  const known = await connections.app
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', DEMO_PERSON.email)
    .executeTakeFirst();
  if (known !== undefined) return;
  const begin = new Date(Date.now() - WEEKS * 7 * DAY_MILLISECONDS);
  const { workspaceId, walletId, personId } = await joinDemo(connections, preset, begin);
  const bought = new Date(begin.getTime() + 2 * DAY_MILLISECONDS);
  await buyDemo(connections, { workspaceId, personId, preset, at: bought });
  await spendDemo({ connections, ledger, workspaceId, walletId, personId, after: bought });
}

async function joinDemo(connections: Connections, preset: Preset, at: Date) {
  const password_hash = await hashPassword(DEMO_PERSON.password);
  return connections.app.transaction().execute(async (trx) => {
    let made = { workspace_id: '', wallet_id: '' };
    const { name, email } = DEMO_PERSON;
    const person = await createPerson(
      trx,
      { name, email, password_hash, verified: true },
      async (inner, created) => {
        made = await createPersonalWorkspace(inner, created, {
          currency: preset.currency,
          welcome: { amount_micro: creditsOf(preset.welcome.credits) },
          at,
        });
      },
    );
    return { workspaceId: made.workspace_id, walletId: made.wallet_id, personId: person.id };
  });
}

async function buyDemo(
  connections: Connections,
  demo: { workspaceId: string; personId: string; preset: Preset; at: Date },
): Promise<void> {
  const { workspaceId, personId, preset, at } = demo;
  const popular = preset.packages.find((one) => one.popular) ?? preset.packages[0];
  if (popular === undefined) return;
  await inWorkspace(connections.app, workspaceId, async (trx) => {
    const chosen = await findPackage(trx, popular.code, preset.currency);
    if (chosen === undefined) return;
    const ordered = await placeOrder(trx, {
      workspace_id: workspaceId,
      person_id: personId,
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
  });
}

/** A few runs on working days, fewer at weekends, the same each time. */
async function spendDemo(demo: {
  connections: Connections;
  ledger: Ledger;
  workspaceId: string;
  walletId: string;
  personId: string;
  after: Date;
}): Promise<void> {
  const { connections, ledger, workspaceId, walletId, personId, after } = demo;
  const operations = await inWorkspace(connections.app, workspaceId, (trx) =>
    pricedOperations(trx, workspaceId),
  );
  const days = Math.floor((Date.now() - after.getTime()) / DAY_MILLISECONDS);
  for (let day = 1; day <= days; day++) {
    const morning = new Date(after.getTime() + day * DAY_MILLISECONDS);
    const weekend = morning.getUTCDay() % 6 === 0;
    const runs = weekend ? 1 : 3 + (day % 3);
    for (let run = 0; run < runs; run++) {
      const at = new Date(morning.getTime() + (run - runs) * 47 * 60_000);
      const operation = operations[(day * 5 + run * 3) % operations.length];
      if (operation === undefined) continue;
      await ledger.execute(
        {
          kind: 'debit',
          wallet_id: walletId,
          operation: operation.code,
          quantity: BigInt(1 + ((day + run * 2) % 6)) * ONE_UNIT,
          rule: operation.rule,
          key: { namespace: 'demo', key: `day ${day} run ${run}` },
          asked: { actor_kind: 'person', actor_id: personId },
        },
        instantOf(at),
      );
    }
  }
}
