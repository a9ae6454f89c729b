import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { rfc3339 } from '../core/instant.ts';
import { PERIODS } from '../core/periods.ts';
import type { OutboxMessage } from '../ledger/outbox.ts';
import type { Db, Trx } from '../lib/database.ts';
import { type NewAlert, type RaisedAlert, raise } from './raising.ts';
import { takeByDefaults, takeChanged } from './settings.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';
import { lookAtBalances } from './watching.ts';

/** What may move a wallet to another side of a mark: credits that it is told of, or another measure. */
const REASONS_TO_LOOK: ReadonlySet<OutboxMessage['kind']> = new Set([
  'watched',
  'purchased',
  'granted',
]);

/**
 * Raises what messages of the ledger's outbox mean, in the transaction that took them out.
 * @param trx as the ledger
 */
export async function raiseFrom(
  trx: Trx,
  told: readonly OutboxMessage[],
  links: UnsubscribeLinks,
): Promise<RaisedAlert[]> {
  const looked = told.filter(({ kind }) => REASONS_TO_LOOK.has(kind));
  const balances = await lookAtBalances(
    trx,
    looked.map(({ wallet_id }) => wallet_id),
    links,
  );
  const budgets = await budgetAlerts(trx, told);
  return [...balances, ...(await raise(trx, budgets, links))];
}

/** Looks at the wallets of workspaces that have changed what they are alerted of, or for which the defaults have. */
export async function raiseAfterChanges(
  db: Db,
  links: UnsubscribeLinks,
  passOn: (trx: Trx, raised: readonly RaisedAlert[]) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const walletIds = [...(await takeChanged(trx)), ...(await takeByDefaults(trx))];
    await passOn(trx, await lookAtBalances(trx, walletIds, links));
  });
}

async function budgetAlerts(trx: Trx, told: readonly OutboxMessage[]): Promise<NewAlert[]> {
  const reached = told
    .filter(({ kind }) => kind === 'budget_reached' || kind === 'budget_warning')
    .flatMap((message) =>
      Reached.parse(message.payload).budgets.map((budget) => ({ message, budget })),
    );
  const names = await namesOf(
    trx,
    reached.map(({ budget }) => budget.subject),
  );
  return reached.map(({ message, budget }): NewAlert => {
    const { id, subject, period, hard, limit, used, resets_at } = budget;
    const { wallet_id, workspace_id, livemode } = message;
    return {
      ...{ wallet_id, workspace_id, livemode, kind: 'budget_reached' },
      subject: `${id} ${resets_at ?? 'for ever'}`,
      facts: {
        ...{ budget: id, subject, period, hard, limit, used, resets_at },
        of: subject === 'wallet' ? null : nameOf(subject, names),
      },
    };
  });
}

/** How people call keys and members, by the ids that budgets have for them. */
async function namesOf(trx: Trx, subjects: readonly string[]): Promise<Map<string, string>> {
  const ids = subjects.flatMap((subject) =>
    [...subject.matchAll(/(?:api_key|member):([0-9a-f-]{36})/g)].map(([, id = '']) => id),
  );
  if (ids.length === 0) return new Map();
  const [keys, people] = await Promise.all([
    trx.selectFrom('api_keys').select(['id', 'name']).where('id', 'in', ids).execute(),
    trx.selectFrom('people').select(['id', 'name']).where('id', 'in', ids).execute(),
  ]);
  return new Map([...keys, ...people].map(({ id, name }) => [id, name]));
}

function nameOf(subject: string, names: ReadonlyMap<string, string>): string {
  return subject
    .split(' ')
    .map((part) => {
      const [kind, id] = [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)];
      if (kind === 'api_key') return `the key ${names.get(id) ?? id}`;
      return kind === 'member' ? (names.get(id) ?? id) : id;
    })
    .join(' for ');
}

const whole = z.string().transform(BigInt);

const Reached = z.object({
  budgets: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      period: z.enum(PERIODS),
      hard: z.boolean(),
      limit: whole.transform(decimalCredits),
      used: whole.transform(decimalCredits),
      resets_at: whole.transform(rfc3339).nullable(),
    }),
  ),
});
