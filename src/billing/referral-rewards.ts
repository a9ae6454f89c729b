import { sql } from 'kysely';
import pg from 'pg';
import { z } from 'zod';
import type { Command } from '../core/commands.ts';
import { daysAfter } from '../core/instant.ts';
import { type ReferralFacts, type ReferralFault, referralFault } from '../core/referrals.ts';
import { withinWorkspaces } from '../ledger/ledger.ts';
import { type Connections, type Db, type Trx, inWorkspace } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';
import type { PaymentProvider } from './provider.ts';
import { type ReferralTerms, referralTerms } from './referrals.ts';

interface Work {
  connections: Connections;
  provider: PaymentProvider;
  log: Logger;
}

const AT_ONCE = 50;
/** So many purchases of whoever brought somebody are looked at for their cards. */
const CARDS_MAX = 5;

/** Gives the rewards that are due, to both or to neither, and takes back those whose money went back. */
export async function rewardReferrals(work: Work): Promise<void> {
  const due = await selectReferrals(work.connections.staff)
    .where('r.next_try_at', '<=', sql<Date>`now()`)
    .orderBy('r.next_try_at')
    .limit(AT_ONCE)
    .execute();
  for (const referral of due) {
    try {
      if (!(await claim(work, referral))) continue;
      if (referral.state === 'due') await reward(work, referral);
      else await takeBack(work, referral);
    } catch (error) {
      work.log.warn({ err: error, referral: referral.id }, 'a referral is looked at again later');
    }
  }
}

function selectReferrals(db: Db) {
  return db
    .selectFrom('referrals as r')
    .innerJoin('wallets as w', (join) =>
      join.onRef('w.workspace_id', '=', 'r.workspace_id').on('w.livemode', '=', true),
    )
    .innerJoin('wallets as b', (join) =>
      join.onRef('b.workspace_id', '=', 'r.referrer_workspace_id').on('b.livemode', '=', true),
    )
    .innerJoin('payments as p', 'p.id', 'r.payment_id')
    .select(['r.id', 'r.workspace_id', 'r.referrer_workspace_id', 'r.person_id', 'r.state'])
    .select(['w.id as wallet_id', 'b.id as referrer_wallet_id', 'r.money_back_at'])
    .select(['r.entry_seq', 'r.referrer_entry_seq', 'r.credits', 'r.referrer_credits'])
    .select(['p.payment_intent_id', 'p.provider', 'r.reversible_until']);
}

type Referral = Awaited<ReturnType<ReturnType<typeof selectReferrals>['execute']>>[number];

async function claim({ connections }: Work, { id, workspace_id }: Referral): Promise<boolean> {
  const claimed = await inWorkspace(connections.app, workspace_id, (trx) =>
    trx
      .updateTable('referrals')
      .set({ next_try_at: sql<Date>`now() + interval '2 minutes'` })
      .where('id', '=', id)
      .where('next_try_at', '<=', sql<Date>`now()`)
      .executeTakeFirst(),
  );
  return claimed.numUpdatedRows > 0n;
}

async function reward(work: Work, referral: Referral): Promise<void> {
  const { app, staff } = work.connections;
  const terms = await referralTerms(staff);
  const card = await cardOf(work, referral);
  const facts = await factsOf(work, referral, card);
  const fault = referralFault(facts);
  try {
    await inWorkspace(app, referral.workspace_id, async (trx) => {
      const locked = await lock(trx, referral.id);
      if (locked?.state !== 'due') return;
      const late: ReferralFault | undefined = locked.money_back_at === null ? fault : 'money_back';
      if (late !== undefined || terms === undefined) {
        await refuse(trx, referral.id, late ?? 'over');
      } else await grantBoth(trx, referral, terms, card);
    });
  } catch (error) {
    // Another reward was given for this card at the same moment: the database alone sees both.
    const isKnown =
      error instanceof pg.DatabaseError &&
      error.constraint === 'referrals_are_rewarded_once_a_card';
    if (!isKnown) throw error;
    await inWorkspace(app, referral.workspace_id, (trx) => refuse(trx, referral.id, 'card_known'));
  }
}

async function grantBoth(
  trx: Trx,
  { id, wallet_id, referrer_wallet_id }: Referral,
  terms: ReferralTerms,
  card: string | undefined,
): Promise<void> {
  const now = new Date();
  const common = {
    kind: 'grant',
    source: 'reward',
    expires_at: daysAfter(now, terms.expires_after_days),
    key: { namespace: 'referral', key: id },
    asked: { actor_kind: 'job' },
  } as const;
  const { referred_credits: credits, referrer_credits } = terms;
  const details = (description: string) => ({ details: { description } });
  const commands: Command[] = [
    { ...common, wallet_id, amount_micro: credits, ...details('You came by an invitation') },
    {
      ...common,
      ...{ wallet_id: referrer_wallet_id, amount_micro: referrer_credits },
      ...details('Somebody whom you brought has bought credits'),
    },
  ];
  const [entry_seq, referrer_entry_seq] = await runAll(trx, commands);
  await trx
    .updateTable('referrals')
    .set({
      ...{ state: 'rewarded', next_try_at: null, card_fingerprint: card ?? null },
      ...{
        wallet_id,
        referrer_wallet_id,
        entry_seq,
        referrer_entry_seq,
        credits,
        referrer_credits,
      },
      ...{ rewarded_at: now, updated_at: now },
      reversible_until: new Date(now.getTime() + terms.reversible_days * 86_400_000),
    })
    .where('id', '=', id)
    .execute();
}

/** Both commands, or neither: what is refused undoes the transaction. */
async function runAll(trx: Trx, commands: readonly Command[]): Promise<bigint[]> {
  const ids = commands.map(({ wallet_id }) => wallet_id);
  return withinWorkspaces(trx, ids, async (wallets) => {
    const seqs: bigint[] = [];
    for (const command of commands) {
      const outcome = await wallets.run(command);
      if (outcome.outcome === 'refused') {
        throw new Error(`a referral's ${command.kind} was refused: ${outcome.refusal.code}`);
      }
      seqs.push(outcome.seq);
    }
    return seqs;
  });
}

/** What was spent of a reward that is taken back is owed, or written off by the wallet's policy. */
async function takeBack({ connections }: Work, referral: Referral): Promise<void> {
  const { id, workspace_id, money_back_at, reversible_until } = referral;
  const inTime =
    money_back_at !== null && reversible_until !== null && money_back_at < reversible_until;
  const lots = await connections.staff
    .selectFrom('lots')
    .select(['wallet_id', 'number', 'granted'])
    .where(
      sql<boolean>`(wallet_id, entry_seq) in ((${referral.wallet_id}::uuid, ${referral.entry_seq}::int8),
        (${referral.referrer_wallet_id}::uuid, ${referral.referrer_entry_seq}::int8))`,
    )
    .execute();
  await inWorkspace(connections.app, workspace_id, async (trx) => {
    const locked = await lock(trx, id);
    if (locked?.state !== 'rewarded') return;
    if (inTime) {
      await runAll(
        trx,
        lots.map(({ wallet_id, number, granted }) => ({
          ...{ kind: 'clawback', wallet_id, lot: number, amount_micro: granted },
          key: { namespace: 'referral', key: `${id} back` },
          asked: { actor_kind: 'job' },
        })),
      );
    }
    const state = inTime ? 'taken_back' : 'rewarded';
    await trx
      .updateTable('referrals')
      .set({ state, next_try_at: null, updated_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
  });
}

async function lock(trx: Trx, id: string) {
  return trx
    .selectFrom('referrals')
    .select(['state', 'money_back_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

async function refuse(trx: Trx, id: string, reason: ReferralFault | 'over'): Promise<void> {
  await trx
    .updateTable('referrals')
    .set({ state: 'refused', reason, next_try_at: null, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute();
}

async function factsOf(
  work: Work,
  { person_id, referrer_workspace_id, money_back_at }: Referral,
  card: string | undefined,
): Promise<ReferralFacts> {
  const { staff } = work.connections;
  const { email } = await staff
    .selectFrom('people')
    .select('email')
    .where('id', '=', person_id)
    .executeTakeFirstOrThrow();
  const members = await staff
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['p.id', 'p.email'])
    .where('m.workspace_id', '=', referrer_workspace_id)
    .execute();
  const rewarded =
    card === undefined
      ? undefined
      : await staff
          .selectFrom('referrals')
          .select('id')
          .where('card_fingerprint', '=', card)
          .executeTakeFirst();
  return {
    is_member: members.some(({ id }) => id === person_id),
    referred_email: email,
    referrer_emails: members.map((member) => member.email),
    card,
    referrer_cards: await cardsOf(work, referrer_workspace_id),
    card_was_rewarded: rewarded !== undefined,
    money_went_back: money_back_at !== null,
  };
}

/** The cards with which a workspace paid last. */
async function cardsOf(work: Work, workspaceId: string): Promise<string[]> {
  const payments = await work.connections.staff
    .selectFrom('payments')
    .select(['payment_intent_id', 'provider'])
    .where('workspace_id', '=', workspaceId)
    .where('payment_intent_id', 'is not', null)
    .where('completed_at', 'is not', null)
    .orderBy('id', 'desc')
    .limit(CARDS_MAX)
    .execute();
  const cards: string[] = [];
  for (const payment of payments) {
    const card = await cardOf(work, payment);
    if (card !== undefined) cards.push(card);
  }
  return cards;
}

/** What is the same of a card whoever uses it; undefined where it was none, or is not known. */
async function cardOf(
  { provider }: Work,
  { payment_intent_id: id, provider: through }: Pick<Referral, 'payment_intent_id' | 'provider'>,
): Promise<string | undefined> {
  if (id === null || provider.mode === 'off' || through !== provider.mode) return undefined;
  const found = await provider.stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
  const { payment_method_details: details } = PaidIntent.parse(found).latest_charge ?? {};
  return details?.card?.fingerprint ?? undefined;
}

const PaidIntent = z.looseObject({
  object: z.literal('payment_intent'),
  latest_charge: z
    .looseObject({
      payment_method_details: z
        .looseObject({ card: z.looseObject({ fingerprint: z.string().nullish() }).nullish() })
        .nullish(),
    })
    .nullish(),
});
