import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rewardReferrals } from '../../src/billing/referral-rewards.ts';
import type { PaymentProvider } from '../../src/billing/provider.ts';
import { mailbox } from '../../src/core/referrals.ts';
import { createLog } from '../../src/lib/log.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { paidPurchase } from '../support/reversals.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const WELCOME = 50n * CREDIT;
const PROFESSIONAL = 550n * CREDIT;

/** Somebody who signs up by the link of another. */
async function broughtBy(
  { browser, slug }: Customer,
  email = `${randomBytes(6).toString('hex')}@example.com`,
): Promise<Customer> {
  const page = await browser.get(`/w/${slug}/referrals`).expect(200);
  const link = /\/r\/[0-9a-f]+/.exec(page.text)?.[0] ?? '';
  const visitor = program.browser();
  await visitor.get(link).expect(303);
  const password = randomBytes(12).toString('hex');
  const answer = await visitor
    .post('/sign-up')
    .type('form')
    .send({ name: 'Eve', email, password })
    .expect(303);
  const brought = String(answer.headers['location']).slice('/w/'.length);
  const [row] = await program.database.query<{ workspace_id: string; wallet_id: string }>(
    `select s.id as workspace_id, w.id as wallet_id from workspaces s
     join wallets w on w.workspace_id = s.id and w.livemode where s.slug = $1`,
    [brought],
  );
  if (row === undefined) throw new Error(`there is no workspace ${brought}`);
  const available = async (): Promise<bigint> => balance(row.wallet_id);
  return { browser: visitor, email, password, slug: brought, ...row, available };
}

async function balance(walletId: string): Promise<bigint> {
  const [wallet] = await program.database.query<{ available: string }>(
    'select available - debt as available from wallets where id = $1',
    [walletId],
  );
  return BigInt(wallet?.available ?? -1);
}

/** The job, without Stripe: no card is known. */
const runJob = (provider: PaymentProvider = { mode: 'off', reason: '' }) => {
  const { connections } = program.database;
  return rewardReferrals({ connections, provider, log: createLog('silent') });
};

async function stateOf({ workspace_id }: Customer) {
  const [row] = await program.database.query<{ state: string; reason: string | null }>(
    'select state, reason from referrals where workspace_id = $1',
    [workspace_id],
  );
  return row;
}

test('the first purchase of somebody who was brought rewards both, once for ever', async () => {
  const ada = await program.signUp();
  const eve = await broughtBy(ada);
  await runJob();
  expect(await stateOf(eve)).toEqual({ state: 'waiting', reason: null });
  await paidPurchase(program, eve);
  await Promise.all([runJob(), runJob()]);
  await paidPurchase(program, eve);
  await runJob();
  expect(await stateOf(eve)).toEqual({ state: 'rewarded', reason: null });
  expect(await ada.available()).toBe(WELCOME + 50n * CREDIT);
  expect(await eve.available()).toBe(WELCOME + 2n * PROFESSIONAL + 25n * CREDIT);
});

test('a reward that one of the two cannot be given is given to neither', async () => {
  const ada = await program.signUp();
  const eve = await broughtBy(ada);
  await paidPurchase(program, eve);
  // Its key is used up by something else in the wallet of the one who brought.
  const [referral] = await program.database.query<{ id: string }>(
    'select id from referrals where workspace_id = $1',
    [eve.workspace_id],
  );
  await program.ledger.execute({
    ...{ kind: 'grant', wallet_id: ada.wallet_id, source: 'promo', amount_micro: 1n },
    ...{ expires_at: null, key: { namespace: 'referral', key: referral?.id ?? '' } },
    asked: { actor_kind: 'system' },
  });
  await runJob();
  expect(await stateOf(eve)).toEqual({ state: 'due', reason: null });
  expect(await eve.available()).toBe(WELCOME + PROFESSIONAL);
});

test('money that goes back in time takes the reward back from both, spent or not', async () => {
  const ada = await program.signUp();
  const eve = await broughtBy(ada);
  const purchase = await paidPurchase(program, eve);
  await runJob();
  await purchase.charge(900);
  await Promise.all([runJob(), runJob()]);
  expect(await stateOf(eve)).toEqual({ state: 'taken_back', reason: null });
  expect(await ada.available()).toBe(WELCOME);
  expect(await eve.available()).toBe(WELCOME + 440n * CREDIT);
});

test('money that went back before, and money that goes back too late, rewards none or both', async () => {
  const ada = await program.signUp();
  const [eve, bob] = [await broughtBy(ada), await broughtBy(ada)];
  const early = await paidPurchase(program, eve);
  await early.charge(4500);
  const late = await paidPurchase(program, bob);
  await runJob();
  expect(await stateOf(eve)).toEqual({ state: 'refused', reason: 'money_back' });
  await program.database.query(
    "update referrals set reversible_until = now() - interval '1 second' where workspace_id = $1",
    [bob.workspace_id],
  );
  await late.charge(4500);
  await runJob();
  expect(await stateOf(bob)).toEqual({ state: 'rewarded', reason: null });
  expect(await ada.available()).toBe(WELCOME + 50n * CREDIT);
});

test('nobody brings themselves: not by another spelling of the address, nor with the same card', async () => {
  const ada = await program.signUp();
  const eve = await broughtBy(ada, ada.email.replace('@', '+eve@'));
  await paidPurchase(program, eve);
  const bob = await broughtBy(ada);
  await paidPurchase(program, ada);
  await paidPurchase(program, bob);
  await runJob(program.provider);
  expect(await stateOf(eve)).toEqual({ state: 'refused', reason: 'same_address' });
  expect(await stateOf(bob)).toEqual({ state: 'refused', reason: 'same_card' });
  expect(mailbox('A.d.a+x@Googlemail.com')).toBe(mailbox('ada@gmail.com'));
});
