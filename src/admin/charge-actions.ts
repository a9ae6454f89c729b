import type { Request } from 'express';
import { z } from 'zod';
import type { Refusal, Refund } from '../core/commands.ts';
import { decimalCredits, formatCredits } from '../core/credits.ts';
import { balanceOf } from '../ledger/balances.ts';
import { within } from '../ledger/ledger.ts';
import { foresee } from '../ledger/preview.ts';
import { audit } from '../lib/audit.ts';
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
        const outcome = await foresee(trx, commandFor(asked, amount, newId(), ''));
        if (before === undefined) throw new Error(`customer ${customer.id} has no wallet`);
        if (outcome.outcome === 'refused')
          return { errors: { amount: sentenceFor(outcome.refusal) } };
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

function commandFor(
  { req, side, staff }: Asked,
  amount_micro: bigint | undefined,
  key: string,
  reason: string,
): Refund {
  return {
    ...{ kind: 'refund', wallet_id: side.wallet.wallet_id, entry_seq: seqIn(req) },
    ...(amount_micro === undefined ? {} : { amount_micro }),
    key: { namespace: 'staff', key },
    asked: { actor_kind: 'person', actor_id: staff.id },
    details: { reason },
  };
}

/** All that is left of a charge; undefined when it is nothing, or no charge. */
async function leftOf({ app }: Connections, asked: Asked): Promise<bigint | undefined> {
  const outcome = await readWorkspace(app, asked.customer.id, (trx) =>
    foresee(trx, commandFor(asked, undefined, newId(), '')),
  );
  return outcome.outcome === 'done' ? outcome.amount_micro : undefined;
}

async function perform(
  { app }: Connections,
  asked: Asked,
  amount: bigint,
  { reason, nonce, origin }: Confirmed,
) {
  const { customer, side, staff } = asked;
  const { wallet_id } = side.wallet;
  return inWorkspace(app, customer.id, async (trx) => {
    const outcome = await within(trx, [wallet_id], (wallets) =>
      wallets.run(commandFor(asked, amount, nonce, reason)),
    );
    if (outcome.outcome === 'refused') return { refusal: sentenceFor(outcome.refusal) };
    if (!outcome.replayed) {
      await audit(trx, {
        workspace_id: customer.id,
        actor: { kind: 'person', id: staff.id },
        action: 'entry.given_back',
        subject: { kind: 'wallet', id: wallet_id },
        before: { entry_seq: String(seqIn(asked.req)) },
        after: { amount: decimalCredits(amount), entry_seq: String(outcome.seq) },
        ...{ reason, origin },
      });
    }
    return `${side.base}/history/${outcome.seq}`;
  });
}

function sentenceFor(refusal: Refusal): string {
  switch (refusal.code) {
    case 'charge_unknown':
      return 'This entry charged nothing that could be given back.';
    case 'refund_above_charge':
      return `${formatCredits(refusal.refundable)} credits are left of this entry, and no more go back.`;
    case 'key_reused':
      return 'This form was sent before, with other credits. Open it anew.';
    default:
      throw new Error(`giving back was refused: ${refusal.code}`);
  }
}
