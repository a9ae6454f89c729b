import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import mailChecker from 'mailchecker';
import {
  type WelcomeGuard,
  type WelcomeVerdict,
  addressBlockOf,
  judgeWelcome,
  mailboxOf,
} from '../core/welcome-guard.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Origin, audit } from '../lib/audit.ts';
import { type Database, type Db, type Trx, enterWorkspace } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { isBlocked } from './blocked-domains.ts';
import { type Welcome, grantWelcome } from './welcome-grant.ts';

export type WelcomeClaimState = Database['welcome_claims']['state'];

/** Somebody who is new, as far as the guard looks. */
export interface Newcomer {
  id: string;
  email: string;
  verified: boolean;
  google_subject?: string | undefined;
  origin?: Origin | undefined;
}

interface Claim {
  workspace_id: string;
  person_id: string;
  amount: bigint;
  expires_after_days: number | null;
  mailbox_hash: string;
  google_hash: string | null;
  address_block: string | null;
  created_at: Date;
}

const DAY_MILLISECONDS = 86_400_000;

/**
 * Claims the welcome credits for somebody who is new, in the transaction that makes them. What is not
 * given at once waits for the address to be verified, or for somebody of the staff.
 */
export async function claimWelcome(
  trx: Trx,
  workspace_id: string,
  person: Newcomer,
  welcome: Welcome & { guard: WelcomeGuard },
): Promise<void> {
  if (welcome.amount_micro === 0n) return;
  const claim: Claim = {
    workspace_id,
    person_id: person.id,
    amount: welcome.amount_micro,
    expires_after_days: welcome.expires_after_days ?? null,
    mailbox_hash: digestOf(mailboxOf(person.email)),
    google_hash: person.google_subject === undefined ? null : digestOf(person.google_subject),
    address_block: addressBlockOf(person.origin?.ip ?? '') ?? null,
    created_at: new Date(),
  };
  const verdict = await judge(trx, claim, person, welcome.guard);
  await trx
    .insertInto('welcome_claims')
    .values({ ...claim, ...verdict })
    .execute();
  if (claim.address_block !== null) {
    const { address_block, created_at: at } = claim;
    await trx.insertInto('welcome_arrivals').values({ id: newId(), address_block, at }).execute();
  }
  if (verdict.state === 'granted') await give(trx, claim);
}

/** Looks again at what somebody claims who has just verified an address, which may be another one. */
export async function settleWelcome(
  trx: Trx,
  person: { id: string; email: string },
  guard: WelcomeGuard,
): Promise<void> {
  await lockCampaign(trx);
  await sql`select set_config('scrip.person_id', ${person.id}, true)`.execute(trx);
  const waiting = await trx
    .selectFrom('welcome_claims')
    .select(CLAIM)
    .where('person_id', '=', person.id)
    .where('state', '=', 'waiting')
    .forUpdate()
    .executeTakeFirst();
  if (waiting === undefined) return;
  await enterWorkspace(trx, waiting.workspace_id);
  const claim = { ...waiting, mailbox_hash: digestOf(mailboxOf(person.email)) };
  const verdict = await judge(trx, claim, { ...person, verified: true }, guard);
  await setState(trx, claim.workspace_id, { mailbox_hash: claim.mailbox_hash, ...verdict });
  if (verdict.state === 'granted') await give(trx, claim);
}

/**
 * Decides a claim that is looked at, by somebody of the staff. A mailbox that had the credits is
 * refused whatever is asked for.
 * @returns undefined when there is nothing to decide
 */
export async function decideWelcome(
  trx: Trx,
  workspace_id: string,
  wish: 'granted' | 'refused',
  by: { person_id: string; origin: Origin },
): Promise<WelcomeVerdict | undefined> {
  await lockCampaign(trx);
  await enterWorkspace(trx, workspace_id);
  const claim = await trx
    .selectFrom('welcome_claims')
    .select(CLAIM)
    .where('workspace_id', '=', workspace_id)
    .where('state', 'in', ['review', 'waiting'])
    .forUpdate()
    .executeTakeFirst();
  if (claim === undefined) return undefined;
  const known = await knownBy(trx, claim);
  const verdict: WelcomeVerdict | { state: 'refused'; reason: 'staff' } =
    wish === 'granted' && known !== undefined
      ? { state: 'refused', reason: known }
      : wish === 'granted'
        ? { state: 'granted' }
        : { state: 'refused', reason: 'staff' };
  await setState(trx, workspace_id, { ...verdict, decided_by: by.person_id });
  await audit(trx, {
    workspace_id,
    actor: { kind: 'person', id: by.person_id },
    action: verdict.state === 'granted' ? 'welcome.granted' : 'welcome.refused',
    subject: { kind: 'workspace', id: workspace_id },
    origin: by.origin,
  });
  if (verdict.state === 'granted') await give(trx, claim);
  return verdict.state === 'granted' ? verdict : { state: 'refused', reason: known ?? 'mailbox' };
}

/** Sets the most that is given in all; null: there is no end. */
export async function setWelcomeBudget(
  trx: Trx,
  budget: bigint | null,
  by: { person_id: string; origin: Origin },
): Promise<void> {
  const before = await lockCampaign(trx);
  await trx.updateTable('welcome_campaigns').set({ budget }).execute();
  await audit(trx, {
    actor: { kind: 'person', id: by.person_id },
    action: 'welcome.budget_changed',
    subject: { kind: 'welcome_campaign', id: 'welcome' },
    before: { budget_micro: before.budget?.toString() ?? null },
    after: { budget_micro: budget?.toString() ?? null },
    origin: by.origin,
  });
}

/** What became of a workspace's claim; undefined when it has none. */
export async function welcomeOfWorkspace(
  db: Db,
  workspaceId: string,
): Promise<{ state: WelcomeClaimState; amount: bigint } | undefined> {
  return db
    .selectFrom('welcome_claims')
    .select(['state', 'amount'])
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
}

const CLAIM = [
  'workspace_id',
  'person_id',
  'amount',
  'expires_after_days',
  'mailbox_hash',
  'google_hash',
  'address_block',
  'created_at',
] as const;

/** Those who claim take turns, so that neither the budget nor a mailbox is given twice. */
async function lockCampaign(trx: Trx): Promise<{ budget: bigint | null; granted: bigint }> {
  return trx
    .selectFrom('welcome_campaigns')
    .select(['budget', 'granted'])
    .where('singleton', '=', sql<boolean>`true`)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

async function judge(
  trx: Trx,
  claim: Claim,
  person: { email: string; verified: boolean },
  guard: WelcomeGuard,
): Promise<WelcomeVerdict> {
  const { budget, granted } = await lockCampaign(trx);
  return judgeWelcome(
    {
      verified: person.verified,
      known: await knownBy(trx, claim),
      throw_away: !mailChecker.isValid(person.email) || (await isBlocked(trx, person.email)),
      others_from_block: await othersFrom(trx, claim),
      budget_left_micro: budget === null ? undefined : budget - granted,
      amount_micro: claim.amount,
    },
    guard,
  );
}

async function knownBy(trx: Trx, claim: Claim): Promise<'mailbox' | 'google' | undefined> {
  const hashes = [claim.mailbox_hash, ...(claim.google_hash === null ? [] : [claim.google_hash])];
  const given = await trx
    .selectFrom('welcome_givings')
    .select('kind')
    .where('hash', 'in', hashes)
    .execute();
  if (given.length === 0) return undefined;
  return given.some(({ kind }) => kind === 'mailbox') ? 'mailbox' : 'google';
}

/** Those who came from the same block in the day before. */
async function othersFrom(trx: Trx, { address_block, created_at }: Claim): Promise<number> {
  if (address_block === null) return 0;
  const { others } = await trx
    .selectFrom('welcome_arrivals')
    .select(sql<number>`count(*)::int`.as('others'))
    .where('address_block', '=', address_block)
    .where('at', '<', created_at)
    .where('at', '>', new Date(created_at.getTime() - DAY_MILLISECONDS))
    .executeTakeFirstOrThrow();
  return others;
}

async function setState(
  trx: Trx,
  workspaceId: string,
  changes: {
    state: WelcomeClaimState;
    reason?: Database['welcome_claims']['reason'];
    mailbox_hash?: string;
    decided_by?: string;
  },
): Promise<void> {
  await trx
    .updateTable('welcome_claims')
    .set({ reason: null, ...changes, updated_at: new Date() })
    .where('workspace_id', '=', workspaceId)
    .execute();
}

async function give(trx: Trx, claim: Claim): Promise<void> {
  await trx
    .updateTable('welcome_campaigns')
    .set((row) => ({ granted: row('granted', '+', claim.amount) }))
    .where('singleton', '=', sql<boolean>`true`)
    .execute();
  const { mailbox_hash, google_hash } = claim;
  await trx
    .insertInto('welcome_givings')
    .values([
      { hash: mailbox_hash, kind: 'mailbox' },
      ...(google_hash === null ? [] : [{ hash: google_hash, kind: 'google' as const }]),
    ])
    .execute();
  const walletId = await walletIdOf(trx, claim.workspace_id);
  const { amount: amount_micro, expires_after_days } = claim;
  await grantWelcome(trx, walletId, {
    amount_micro,
    expires_after_days: expires_after_days ?? undefined,
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
