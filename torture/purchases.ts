import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { runProgram } from '../bench/program.ts';
import type { Running } from '../src/program.ts';
import { startStripeStandIn } from '../stand-ins/stripe/stand-in.ts';
import type { Chance } from './chance.ts';
import { WebProgram, freePort } from './programs.ts';
import { Shopper } from './shoppers.ts';

const SHOPPERS = 4;
/** All of them together take about so many steps for two purchases each. */
const STEPS_MAX = 32;
/** And from there a step takes about so long, from its request to what a webhook makes of it. */
const MOMENT_MILLISECONDS_MAX = 60;
const STEPS_MILLISECONDS_MAX = 30_000;
const RUN_GIVEN_UP_MILLISECONDS = 150_000;
const CLI = path.join(import.meta.dirname, '..', 'src', 'cli.ts');

export interface Killed {
  /** Payment pages that were reached, those that were paid, and what they took in all. */
  ordered: number;
  paid: number;
  taken_minor: bigint;
  /** Payments that no webhook had settled when the killing was over. */
  reconciled: number;
  violations: string[];
}

export interface Place {
  /** A database with the schema and nothing in it. */
  databaseUrl: string;
  query: (text: string) => Promise<Record<string, unknown>[]>;
  /** Where the program's log goes. */
  folder: string;
}

/**
 * Kills a program so many times in the middle of purchases and starts it again, then has it
 * reconciled, and says whether what the stand-in took is what the books have.
 */
export async function killPurchases(
  running: Running,
  { databaseUrl, query, folder }: Place,
  { kills, chance, told }: { kills: number; chance: Chance; told?: (done: number) => void },
): Promise<Killed> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secretKey = `sk_test_${randomBytes(12).toString('hex')}`;
  const webhookSecret = `whsec_${randomBytes(12).toString('hex')}`;
  const webhookUrl = `${url}/webhooks/stripe`;
  const standIn = await running.start(
    () => startStripeStandIn({ secretKey, webhookSecret, webhookUrl }),
    (one) => one.close(),
  );
  const stripe = {
    DATABASE_URL: databaseUrl,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_API_URL: standIn.url,
    NODE_COMPILE_CACHE: path.join(folder, 'cache'),
  };
  const settings = { ...stripe, BASE_URL: url, PORT: String(port), WORKER_INLINE: '1' };
  const program = new WebProgram(settings, path.join(folder, 'program.log'));
  const start = async (): Promise<void> => {
    program.start();
    await program.ready();
  };
  await running.start(start, () => program.end('SIGTERM'));
  const shop = { url, stripeUrl: standIn.url };
  const shoppers = await Promise.all(
    Array.from({ length: SHOPPERS }, () => Shopper.signUp(shop, chance.another())),
  );
  for (let kill = 1; kill <= kills; kill++) {
    let alive = true;
    const buying = Promise.all(shoppers.map((one) => one.buyWhile(() => alive)));
    await stepsOf(shoppers, chance.whole(1, STEPS_MAX));
    await pause(chance.whole(0, MOMENT_MILLISECONDS_MAX));
    await program.end('SIGKILL');
    alive = false;
    await buying;
    told?.(kill);
    await start();
  }
  await program.end('SIGTERM');
  const before = await completedIn(query);
  const violations = await reconcileFrom(stripe);
  const paid = await paidAt(standIn.url);
  violations.push(...(await disagreements(paid, query)));
  return {
    ordered: shoppers.reduce((sum, { ordered }) => sum + ordered, 0),
    paid: paid.size,
    taken_minor: [...paid.values()].reduce((sum, minor) => sum + minor, 0n),
    reconciled: (await completedIn(query)) - before,
    violations,
  };
}

/** Waits until so many steps more were begun, however fast the machine is. */
async function stepsOf(shoppers: readonly Shopper[], more: number): Promise<void> {
  const begun = (): number => shoppers.reduce((sum, { steps }) => sum + steps, 0);
  const until = begun() + more;
  const late = performance.now() + STEPS_MILLISECONDS_MAX;
  while (begun() < until && performance.now() < late) await pause(1);
}

/** Twice: what the first leaves amiss the second would find, and what it repeats would be doubled. */
async function reconcileFrom(settings: Record<string, string>): Promise<string[]> {
  const violations: string[] = [];
  const until = performance.now() + RUN_GIVEN_UP_MILLISECONDS;
  for (const command of ['reconcile', 'reconcile', 'verify']) {
    for (;;) {
      const fault = await faultOf(command, settings);
      // The job of a program that was killed holds the place for a while.
      const isHeld = fault?.includes('Another process') === true && performance.now() < until;
      if (fault !== undefined && !isHeld) violations.push(`${command}: ${fault}`);
      if (!isHeld) break;
      await pause(5_000);
    }
  }
  return violations;
}

function faultOf(command: string, settings: Record<string, string>): Promise<string | undefined> {
  return runProgram(process.execPath, [CLI, command], settings).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const Sessions = z.array(
  z.looseObject({
    payment_status: z.string(),
    amount_total: z.int(),
    metadata: z.looseObject({ scrip_payment: z.string() }),
  }),
);

/** What the stand-in took, by our payments. */
async function paidAt(stripeUrl: string): Promise<Map<string, bigint>> {
  const answer = await fetch(`${stripeUrl}/_control/sessions`);
  const sessions = Sessions.parse(await answer.json());
  const paid = new Map<string, bigint>();
  for (const { payment_status, amount_total, metadata } of sessions) {
    if (payment_status !== 'paid') continue;
    const before = paid.get(metadata.scrip_payment) ?? 0n;
    paid.set(metadata.scrip_payment, before + BigInt(amount_total));
  }
  return paid;
}

async function completedIn(query: Place['query']): Promise<number> {
  const rows = await query('select id from payments where completed_at is not null');
  return rows.length;
}

const Granted = z.array(
  z.object({ id: z.string(), total: z.coerce.bigint(), sold: z.string(), lots: z.string() }),
);
const Wallets = z.array(z.object({ id: z.string(), balance: z.string(), due: z.string() }));

/** What the books say otherwise than the stand-in, to the cent and to the micro-credit. */
async function disagreements(
  paid: ReadonlyMap<string, bigint>,
  query: Place['query'],
): Promise<string[]> {
  const found: string[] = [];
  const granted = Granted.parse(
    await query(`
      select p.id, p.total_minor::text as total,
        concat_ws(' ', p.catalogue->>'credits_micro', nullif(p.catalogue->>'bonus_micro', '0')) as sold,
        coalesce((select string_agg(l.granted::text, ' ' order by l.number) from lots l
          where l.payment_id = p.id), '') as lots
      from payments p where p.completed_at is not null`),
  );
  const booked = new Map(granted.map((one) => [one.id, one]));
  for (const [id, minor] of paid) {
    const { total, sold, lots } = booked.get(id) ?? { total: 0n, sold: '', lots: '' };
    booked.delete(id);
    if (total !== minor) found.push(`payment ${id}: ${minor} were paid, ${total} are booked`);
    if (sold !== lots) found.push(`payment ${id}: ${sold} were sold, ${lots} granted`);
  }
  for (const id of booked.keys()) found.push(`payment ${id} is booked and was not paid`);
  const wallets = Wallets.parse(
    await query(`
      select w.id, w.available::text as balance, (
        (select coalesce(sum((p.catalogue->>'credits_micro')::int8 + (p.catalogue->>'bonus_micro')::int8), 0)
          from payments p where p.wallet_id = w.id and p.completed_at is not null)
        + (select coalesce(sum(l.granted), 0) from lots l
          where l.wallet_id = w.id and l.payment_id is null))::text as due
      from wallets w`),
  );
  for (const { id, balance, due } of wallets) {
    if (balance !== due) found.push(`wallet ${id} has ${balance} and should have ${due}`);
  }
  return found;
}
