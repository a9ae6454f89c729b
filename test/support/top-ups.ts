import { randomUUID } from 'node:crypto';
import { topUp } from '../../src/billing/auto-top-up.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Customer, type TestProgram, hiddenField } from './program.ts';
import { control } from './purchases.ts';

/** What somebody chooses: the starter package gives 100 credits for $10.00. */
export const CHOSEN = { below: '60', package: 'starter', currency: 'USD', limit: '100.00' };

/** The job, as often at once as processes would do it. */
export async function topUpNow(program: TestProgram, processes = 1): Promise<void> {
  const { connections } = program.database;
  const log = createLog('silent');
  const work = Array.from({ length: processes }, () => topUp(connections, program.provider, log));
  await Promise.all(work);
}

/** Opens the page on which a card is saved. Returns the session. */
export async function openCardSetup(customer: Customer): Promise<string> {
  const answer = await customer.browser
    .post(`/w/${customer.slug}/auto-top-up/card`)
    .type('form')
    .send({ nonce: randomUUID(), currency: 'USD' });
  const session = /cs_\w+/.exec(String(answer.headers['location']))?.[0];
  if (session === undefined) throw new Error(`saving a card answered ${answer.status}`);
  return session;
}

/** Saves a card of the stand-in's, and comes back. Returns the session. */
export async function saveCard(
  program: TestProgram,
  customer: Customer,
  card = 'pm_card_visa',
): Promise<string> {
  const session = await openCardSetup(customer);
  await control(program, `/sessions/${session}/pay`, { card, delivery: { hold: true } });
  const back = await customer.browser
    .get(`/w/${customer.slug}/auto-top-up/card`)
    .query({ session });
  if (back.status !== 303) throw new Error(`coming back answered ${back.status}: ${back.text}`);
  return session;
}

/** The sentence that somebody would agree to. */
export async function sentenceFor(customer: Customer, chosen: object = CHOSEN): Promise<string> {
  const page = await customer.browser.get(`/w/${customer.slug}/auto-top-up/consent`).query(chosen);
  return hiddenField(page.text, 'shown');
}

/** Ticks the sentence and sends the form. */
export async function agree(customer: Customer, change: object = {}): Promise<number> {
  const chosen = { ...CHOSEN, ...change };
  const shown = await sentenceFor(customer, chosen);
  const form = { ...chosen, shown, consent: 'yes' };
  const path = `/w/${customer.slug}/auto-top-up`;
  return (await customer.browser.post(path).type('form').send(form)).status;
}

/** Somebody with a saved card who has turned auto top-up on. */
export async function toppedUp(
  program: TestProgram,
  { card, ...change }: { card?: string; below?: string; limit?: string; package?: string } = {},
): Promise<Customer> {
  const customer = await program.signUp();
  await saveCard(program, customer, card);
  const status = await agree(customer, change);
  if (status !== 303) throw new Error(`turning it on answered ${status}`);
  return customer;
}

interface Charge {
  id: string;
  status: string;
  total_minor: string;
  failure: string | null;
}

/** The charges of a customer's wallet, the oldest first. */
export function chargesOf(program: TestProgram, { wallet_id }: Customer): Promise<Charge[]> {
  return program.database.query<Charge>(
    `select id, status, total_minor::text, failure from payments
     where wallet_id = $1 and auto_top_up order by id`,
    [wallet_id],
  );
}

/** How auto top-up stands. */
export async function stateOf(
  program: TestProgram,
  { workspace_id }: Customer,
): Promise<{ enabled: boolean; stopped_reason: string | null; failures: number }> {
  const [row] = await program.database.query<{
    enabled: boolean;
    stopped_reason: string | null;
    failures: number;
  }>('select enabled, stopped_reason, failures from auto_top_ups where workspace_id = $1', [
    workspace_id,
  ]);
  if (row === undefined) throw new Error('it was never turned on');
  return row;
}

/** The payment intents that Stripe has for a wallet, by their state. */
export async function intentsOf(program: TestProgram, customer: Customer): Promise<string[]> {
  if (program.provider.mode === 'off') return [];
  const { data } = await program.provider.stripe.paymentIntents.list({ limit: 100 });
  return data
    .filter(({ metadata }) => metadata['scrip_wallet'] === customer.wallet_id)
    .map(({ status }) => status);
}

/** As if the lease or the pause were over. */
export async function hurry(program: TestProgram, { workspace_id }: Customer): Promise<void> {
  await program.database.query(
    `update payments set next_try_at = now() where workspace_id = $1 and next_try_at is not null`,
    [workspace_id],
  );
  await program.database.query(
    `update auto_top_ups set next_look_at = null where workspace_id = $1`,
    [workspace_id],
  );
}

export async function subjectsTo(program: TestProgram, { email }: Customer): Promise<string[]> {
  const rows = await program.database.query<{ subject: string }>(
    "select subject from mails where to_address = $1 and kind <> 'address.verify' order by id",
    [email],
  );
  return rows.map(({ subject }) => subject);
}
