import type { Request } from 'express';
import { z } from 'zod';
import { givingBackRefusal } from '../billing/staff-carry-out.ts';
import { askAsStaff } from '../billing/staff-requests.ts';
import type { Refund } from '../core/commands.ts';
import { decimalCredits } from '../core/credits.ts';
import { balanceOf } from '../ledger/balances.ts';
import { foresee } from '../ledger/preview.ts';
import { type Connections, inWorkspace, readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { seqOf } from '../usage/pages.ts';
import { type Action, type Asked, type Confirmed, addAction } from './actions.ts';
import { creditsField } from './credit-actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

const GiveBackForm = z.object({ amount: creditsField });

/** Credits that were charged wrongly go back to the lots that they came from. */
export function addChargeActions(routes: StaffRoutes, connections: Connections): void {
  const giveBack: Action<typeof GiveBackForm> = {
    path: 'history/:seq/give-back',
    ...{ to: 'credits.give_back', for_tests: true, schema: GiveBackForm },
    reasons: ['The work failed', 'It was charged twice', 'Too much was charged', 'A courtesy'],
    form: async (asked) => {
      const left = await leftOf(connections, asked);
      return {
        title: `Give back what entry ${asked.show.count(seqIn(asked.req))} charged`,
        says: [
          left === undefined
            ? 'Nothing is left of this entry to give back.'
            : `At most ${asked.show.credits(left)} credits, to the lots that they came from.`,
        ],
        fields: [
          {
            ...{ name: 'amount', label: 'Credits', type: 'credits' },
            value: left === undefined ? '' : decimalCredits(left),
          },
        ],
        button: 'Go on',
      };
    },
    preview: async (asked, { amount }) => {
      const { customer, side } = asked;
      return readWorkspace(connections.app, customer.id, async (trx) => {
        const before = await balanceOf(trx, customer.id, side.livemode);
        const outcome = await foresee(trx, commandFor(asked, amount));
        if (before === undefined) throw new Error(`customer ${customer.id} has no wallet`);
        if (outcome.outcome === 'refused')
          return { errors: { amount: givingBackRefusal(outcome.refusal) } };
        const after = outcome.available_after + outcome.held_after - outcome.debt_after;
        return {
          sum: {
            rows: [
              ['Balance now', before.balance_micro],
              ['Given back', after - before.balance_micro, true],
            ],
            total: ['Balance after', after],
          },
          says:
            after - before.balance_micro === amount
              ? []
              : ['Some of it belongs to lots that have expired, and expires at once.'],
          button: `Give back ${asked.show.credits(amount)} credits`,
        };
      });
    },
    perform: (asked, { amount }, confirmed) => perform(connections, asked, amount, confirmed),
  };
  addAction(routes, connections, giveBack);
}

/** @throws AppError 404 for what is no number of an entry */
function seqIn(req: Request): bigint {
  const seq = seqOf(req.params['seq']);
  if (seq === undefined) throw notFound('entry');
  return seq;
}

/** To see what it would come to; without an amount, all that is left. */
function commandFor({ req, side, staff }: Asked, amount_micro?: bigint): Refund {
  return {
    ...{ kind: 'refund', wallet_id: side.wallet.wallet_id, entry_seq: seqIn(req) },
    ...(amount_micro === undefined ? {} : { amount_micro }),
    key: { namespace: 'staff', key: newId() },
    asked: { actor_kind: 'person', actor_id: staff.id },
    details: { reason: '' },
  };
}

/** All that is left of a charge; undefined when it is nothing, or no charge. */
async function leftOf({ app }: Connections, asked: Asked): Promise<bigint | undefined> {
  const outcome = await readWorkspace(app, asked.customer.id, (trx) =>
    foresee(trx, commandFor(asked)),
  );
  return outcome.outcome === 'done' ? outcome.amount_micro : undefined;
}

/** Done at once, or kept until somebody else approves it. */
async function perform(
  { app }: Connections,
  { req, customer, side, staff }: Asked,
  amount_micro: bigint,
  { reason, nonce, origin }: Confirmed,
) {
  const entry_seq = seqIn(req);
  const outcome = await inWorkspace(app, customer.id, (trx) =>
    askAsStaff(trx, {
      wish: {
        ...{ kind: 'give_back', workspace_id: customer.id, wallet_id: side.wallet.wallet_id },
        ...{ entry_seq, amount_micro },
      },
      ...{ reason, nonce, staff_id: staff.id, origin },
    }),
  );
  switch (outcome.outcome) {
    case 'done':
      return `${side.base}/history/${entry_seq}`;
    case 'waits':
      return `/admin/approvals/${outcome.request_id}`;
    case 'refused':
      return { refusal: outcome.sentence };
  }
}
