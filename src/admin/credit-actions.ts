import { z } from 'zod';
import { adjustmentRefusal } from '../billing/adjustments.ts';
import { askAsStaff } from '../billing/staff-requests.ts';
import { parseCredits } from '../core/credits.ts';
import { instantOf } from '../core/instant.ts';
import { endOfDayUtc } from '../core/last-days.ts';
import { balanceOf } from '../ledger/balances.ts';
import { foresee } from '../ledger/preview.ts';
import { type Connections, inWorkspace, readWorkspace } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import {
  type Action,
  type ActionRefused,
  type Asked,
  type Confirmed,
  addAction,
} from './actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

/** Credits above zero, as somebody typed them. */
export const creditsField = z
  .string('Enter credits, such as 10 or 2.5.')
  .trim()
  .transform((text, context) => {
    const micro = parseCredits(text);
    if (micro !== undefined && micro > 0n) return micro;
    context.addIssue('Enter credits above 0, such as 10 or 2.5.');
    return z.NEVER;
  });

/** A last day in UTC; the moment at which it is over. */
const lastDayField = z
  .string()
  .trim()
  .default('')
  .transform((text, context) => {
    if (text === '') return null;
    const over = endOfDayUtc(text, new Date());
    if (over !== undefined) return over;
    context.addIssue('Enter a day from today on, as 2026-12-31, or nothing.');
    return z.NEVER;
  });

const GrantForm = z.object({ amount: creditsField, expires: lastDayField });
const DeductForm = z.object({ amount: creditsField });

/** Credits given and taken away by hand: alone up to a limit, above with somebody's approval. */
export function addCreditActions(routes: StaffRoutes, connections: Connections): void {
  const grant: Action<typeof GrantForm> = {
    path: 'grant',
    to: 'credits.grant',
    for_tests: true,
    schema: GrantForm,
    form: () =>
      Promise.resolve({
        title: 'Give credits',
        says: ['They come as a lot of their own. What is owed is repaid out of them first.'],
        fields: [
          { name: 'amount', label: 'Credits', type: 'credits' },
          {
            ...{ name: 'expires', label: 'Last day', type: 'day' },
            hint: 'In UTC. Without one they do not expire.',
          },
        ],
        button: 'Go on',
      }),
    preview: async (asked, { amount, expires }) => {
      const until =
        expires === null ? 'They do not expire.' : `They expire ${asked.show.dateTime(expires)}.`;
      return adjusted(connections, asked, { amount, expires, word: 'Given', says: [until] });
    },
    perform: (asked, { amount, expires }, confirmed) =>
      ask(connections, asked, confirmed, {
        ...{ kind: 'grant', amount_micro: amount, expires_at: expires },
      }),
  };
  const deduct: Action<typeof DeductForm> = {
    path: 'deduct',
    to: 'credits.deduct',
    for_tests: true,
    schema: DeductForm,
    form: () =>
      Promise.resolve({
        title: 'Take credits away',
        says: ['They go from the lots that would be spent first. More than is there is not taken.'],
        fields: [{ name: 'amount', label: 'Credits', type: 'credits' }],
        button: 'Go on',
      }),
    preview: (asked, { amount }) =>
      adjusted(connections, asked, {
        ...{ amount: -amount, expires: null, word: 'Taken away', says: [] },
      }),
    perform: (asked, { amount }, confirmed) =>
      ask(connections, asked, confirmed, { kind: 'deduct', amount_micro: amount }),
  };
  addAction(routes, connections, grant);
  addAction(routes, connections, deduct);
}

interface Adjusted {
  /** Below zero takes away. */
  amount: bigint;
  expires: Date | null;
  word: string;
  says: string[];
}

/** What an adjustment would come to, by the code that makes it. */
async function adjusted(
  { app }: Connections,
  { customer, side, show, staff }: Asked,
  { amount, expires, word, says }: Adjusted,
) {
  const { wallet_id } = side.wallet;
  return readWorkspace(app, customer.id, async (trx) => {
    const before = await balanceOf(trx, customer.id, side.livemode);
    const outcome = await foresee(trx, {
      ...{ kind: 'adjustment', wallet_id, amount_micro: amount },
      expires_at: expires === null ? null : instantOf(expires),
      key: { namespace: 'staff', key: newId() },
      asked: { actor_kind: 'person', actor_id: staff.id },
      details: { reason: '' },
    });
    if (before === undefined) throw new Error(`customer ${customer.id} has no wallet`);
    if (outcome.outcome === 'refused') {
      return { errors: { amount: adjustmentRefusal(outcome.refusal) } };
    }
    const repaid = before.debt_micro - outcome.debt_after;
    const plus: true | undefined = amount > 0n ? true : undefined;
    const rows: [string, bigint, true?][] = [
      ['Available now', before.available_micro],
      plus === undefined ? [word, amount] : [word, amount, plus],
      ...(repaid > 0n ? [['Repaid of what is owed', -repaid] as [string, bigint]] : []),
    ];
    const verb = amount > 0n ? 'Give' : 'Take away';
    const size = amount > 0n ? amount : -amount;
    return {
      sum: { rows, total: ['Available after', outcome.available_after] as [string, bigint] },
      says,
      button: `${verb} ${show.credits(size)} credits`,
    };
  });
}

type Wish =
  | { kind: 'grant'; amount_micro: bigint; expires_at: Date | null }
  | { kind: 'deduct'; amount_micro: bigint };

/** Done at once, or kept until somebody else approves it. */
async function ask(
  { app }: Connections,
  { customer, side, staff }: Asked,
  { reason, nonce, origin }: Confirmed,
  wish: Wish,
): Promise<string | ActionRefused> {
  const of = { workspace_id: customer.id, wallet_id: side.wallet.wallet_id };
  const outcome = await inWorkspace(app, customer.id, (trx) =>
    askAsStaff(trx, { wish: { ...wish, ...of }, reason, nonce, staff_id: staff.id, origin }),
  );
  switch (outcome.outcome) {
    case 'done':
      return `${side.base}/history`;
    case 'waits':
      return `/admin/approvals/${outcome.request_id}`;
    case 'refused':
      return { refusal: outcome.sentence };
  }
}
