import { z } from 'zod';
import { decimalCredits, parseCredits } from '../core/credits.ts';
import { type Connections, type Db, readWorkspace } from '../lib/database.ts';
import type { Show } from '../lib/formatting.ts';
import { EVERY } from '../workspaces/member-budgets.ts';
import {
  changeOverdraft,
  changeWalletBudget,
  freezeWallet,
  walletBudgets,
} from '../workspaces/wallet-terms.ts';
import { type Action, type Asked, type Confirmed, addAction, doOnce } from './actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

const PERIODS = ['day', 'week', 'month', 'all'] as const;

/** Credits from zero on, as somebody typed them; undefined where nothing was. */
const amountField = z
  .string()
  .trim()
  .default('')
  .transform((text, context) => {
    if (text === '') return undefined;
    const micro = parseCredits(text);
    if (micro !== undefined && micro >= 0n) return micro;
    context.addIssue('Enter credits from 0 on, such as 100 or 2.5.');
    return z.NEVER;
  });

const OverdraftForm = z.object({
  overdraft: amountField.transform((micro) => micro ?? 0n),
});
const BudgetForm = z.object({
  limit: amountField,
  period: z.enum(PERIODS, 'Choose a period.'),
  hard: z.enum(['yes', 'no'], 'Choose what happens above it.'),
});

/** What a wallet may owe and spend, and whether it may spend at all. */
export function addTermsActions(routes: StaffRoutes, connections: Connections): void {
  addAction(routes, connections, overdraftAction(connections));
  addAction(routes, connections, budgetAction(connections));
  for (const frozen of [true, false]) addAction(routes, connections, freezing(connections, frozen));
}

function overdraftAction(connections: Connections): Action<typeof OverdraftForm> {
  return {
    ...{ path: 'overdraft', to: 'customers.set_limits', for_tests: false, schema: OverdraftForm },
    form: ({ side }) =>
      Promise.resolve({
        title: 'Set the overdraft',
        says: ['So much may be owed for usage before it is refused. What is owed already stays.'],
        fields: [
          {
            ...{ name: 'overdraft', label: 'Overdraft in credits', type: 'credits' },
            value: decimalCredits(side.wallet.overdraft_micro),
          },
        ],
        button: 'Go on',
      }),
    preview: ({ side, show }, { overdraft }) => {
      const [before, after] = [show.credits(side.wallet.overdraft_micro), show.credits(overdraft)];
      return Promise.resolve({
        changes: [{ label: 'Overdraft', before, after }],
        ...{ says: [], button: `Set it to ${after} credits` },
      });
    },
    perform: async (asked, { overdraft }, confirmed) => {
      await doOnce(connections, asked, confirmed, { overdraft }, (trx) =>
        changeOverdraft(trx, deedOf(asked, confirmed), overdraft),
      );
      return asked.side.base;
    },
  };
}

function budgetAction(connections: Connections): Action<typeof BudgetForm> {
  const known = ({ customer, show }: Asked) =>
    readWorkspace(connections.app, customer.id, (trx) => budgetWords(trx, customer.id, show));
  return {
    ...{ path: 'budget', to: 'customers.set_limits', for_tests: false, schema: BudgetForm },
    form: async (asked) => ({
      title: 'Set the budget',
      says: [
        `Limits all that is spent of the live wallet, whoever asks. Now: ${await known(asked)}.`,
        'What was spent in the period that runs counts. Budgets of members and keys stay.',
      ],
      fields: [
        {
          ...{ name: 'limit', label: 'Credits', type: 'credits' },
          hint: 'Nothing: the budget ends.',
        },
        {
          ...{ name: 'period', label: 'In each', type: 'choice', value: 'month' },
          choices: [
            { value: 'day', label: 'Day' },
            { value: 'week', label: 'Week, from Monday' },
            { value: 'month', label: 'Month' },
            { value: 'all', label: 'In all' },
          ],
        },
        {
          ...{ name: 'hard', label: 'What goes above it', type: 'choice' },
          choices: [
            { value: 'yes', label: 'Is refused' },
            { value: 'no', label: 'Is told, and charged' },
          ],
        },
      ],
      button: 'Go on',
    }),
    preview: async (asked, { limit, period, hard }) => {
      const before = await known(asked);
      const after =
        limit === undefined ? 'none' : words(asked.show, { limit, period, hard: hard === 'yes' });
      return {
        changes: [{ label: 'Budget', before, after }],
        says: [],
        button: limit === undefined ? 'End the budget' : 'Set the budget',
      };
    },
    perform: async (asked, form, confirmed) => {
      const { limit, period, hard } = form;
      const budget =
        limit === undefined ? undefined : { limit_amount: limit, period, hard: hard === 'yes' };
      await doOnce(connections, asked, confirmed, form, (trx) =>
        changeWalletBudget(trx, deedOf(asked, confirmed), budget),
      );
      return asked.side.base;
    },
  };
}

const NothingForm = z.object({});

function freezing(connections: Connections, frozen: boolean): Action<typeof NothingForm> {
  const [title, button] = frozen
    ? ['Freeze the wallet', 'Freeze it']
    : ['Let the wallet spend again', 'Let it spend'];
  const [stopped, open] = ['Refused', 'Possible'];
  return {
    path: frozen ? 'freeze' : 'unfreeze',
    ...{ to: 'customers.freeze', for_tests: false, schema: NothingForm },
    form: () =>
      Promise.resolve({
        title,
        says: [
          frozen
            ? 'Nothing new can be spent, at once and in every process. Work that is done is still charged, and what is paid for still comes. The customer reads that the wallet is frozen, and not why.'
            : 'What costs credits is no longer refused.',
        ],
        ...{ fields: [], button: 'Go on' },
      }),
    preview: ({ side }) => {
      if ((side.wallet.frozen_at !== null) === frozen) {
        return Promise.resolve({ refusal: frozen ? 'It is frozen.' : 'It is not frozen.' });
      }
      const [before, after] = frozen ? [open, stopped] : [stopped, open];
      return Promise.resolve({
        changes: [{ label: 'New spending', before, after }],
        ...{ says: [], button },
      });
    },
    perform: async (asked, _form, confirmed) => {
      await doOnce(connections, asked, confirmed, {}, (trx) =>
        freezeWallet(trx, deedOf(asked, confirmed), frozen),
      );
      return asked.side.base;
    },
  };
}

function deedOf({ customer, side, staff }: Asked, { reason, origin }: Confirmed) {
  const { wallet_id } = side.wallet;
  return { workspace_id: customer.id, wallet_id, by: staff.id, reason, origin };
}

async function budgetWords(db: Db, workspaceId: string, show: Show): Promise<string> {
  const known = await walletBudgets(db, workspaceId);
  const said = known.map(({ limit_micro, period, hard }) =>
    words(show, { limit: limit_micro, period, hard }),
  );
  return said.length === 0 ? 'none' : said.join('; ');
}

function words(
  show: Show,
  { limit, period, hard }: { limit: bigint; period: keyof typeof EVERY; hard: boolean },
): string {
  return `${show.plain(limit)} credits ${EVERY[period]}, ${hard ? 'a limit' : 'a warning'}`;
}
