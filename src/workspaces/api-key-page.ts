import { z } from 'zod';
import { parseCredits } from '../core/credits.ts';
import { type BudgetReport, budgetsOf } from '../ledger/budget-reports.ts';
import type { Trx } from '../lib/database.ts';
import type { Scope } from './api-keys.ts';
import type { MemberWorkspace } from './workspaces.ts';

/** So many are shown: those that are good first, and of these the newest. */
const KEYS_SHOWN = 100;
const DAY_MILLISECONDS = 86_400_000;

/** What members may let a key do, in words: all that a key of a workspace may do. */
export const OFFERED_SCOPES: readonly { scope: Scope; label: string }[] = [
  { scope: 'balance:read', label: 'See the balance' },
  { scope: 'entries:read', label: 'See entries and lots' },
  { scope: 'usage:read', label: 'See what was used' },
  { scope: 'prices:read', label: 'See prices' },
  { scope: 'quotes:write', label: 'Ask what something would cost' },
  { scope: 'debits:write', label: 'Spend' },
  { scope: 'holds:write', label: 'Set credits apart, and spend them' },
  { scope: 'refunds:write', label: 'Give back what keys of the workspace have spent' },
];
const FIRST_SCOPES: readonly Scope[] = ['balance:read', 'debits:write'];

const EXPIRIES = { never: undefined, '30': 30, '90': 90, '365': 365 };
const PERIODS = { day: 'a day', week: 'a week', month: 'a month', all: 'in all' };

export const NewKeyForm = z.object({
  name: z
    .string('Name it by what uses it.')
    .trim()
    .min(1, 'Name it by what uses it.')
    .max(100, 'Use at most 100 characters.')
    .regex(/^\P{Cc}*$/u, 'Use letters, digits and signs.'),
  mode: z.enum(['live', 'test'], 'Choose live or test.'),
  scopes: z.preprocess(
    (ticked) => [ticked ?? []].flat(),
    z
      .array(
        z.enum(
          OFFERED_SCOPES.map(({ scope }) => scope),
          'Choose of what is offered.',
        ),
      )
      .min(1, 'Tick what it may do.'),
  ),
  expires: z.enum(['never', '30', '90', '365'], 'Choose when it expires.').transform(expiryOf),
  limit: z
    .string()
    .trim()
    .transform((text, context) => {
      if (text === '') return undefined;
      const limit = parseCredits(text);
      if (limit !== undefined && limit > 0n) return limit;
      context.addIssue('Give credits above 0, such as 100, or leave it empty.');
      return z.NEVER;
    }),
  period: z.enum(['day', 'week', 'month', 'all'], 'Choose a period.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

export const RevokeForm = z.object({
  confirmed: z.literal('yes', 'Tick this first.'),
});

/** The scopes that somebody has ticked; before that, those that a key usually needs. */
export function tickedScopes(body: unknown): readonly string[] {
  const scopes = NewKeyForm.shape.scopes.safeParse(
    z.object({ scopes: z.unknown() }).safeParse(body).data?.scopes,
  );
  return scopes.success ? scopes.data : [];
}

/** What the form offers. */
export function formChoices(ticked: readonly string[] | undefined) {
  const chosen = ticked ?? FIRST_SCOPES;
  return {
    scopes: OFFERED_SCOPES.map((one) => ({ ...one, ticked: chosen.includes(one.scope) })),
    expiries: [
      { value: 'never', label: 'Never' },
      { value: '30', label: 'In 30 days' },
      { value: '90', label: 'In 90 days' },
      { value: '365', label: 'In a year' },
    ],
    periods: Object.entries(PERIODS).map(([value, label]) => ({ value, label })),
  };
}

/** The keys of a workspace as its pages show them. */
export async function keysOf(trx: Trx, workspace: MemberWorkspace) {
  const rows = await keysQuery(trx, workspace.id).limit(KEYS_SHOWN).execute();
  const budgets = await budgetsOf(trx, workspace.id);
  return rows.map((row) => shownKey(row, workspace, budgets));
}

/** One key of a workspace; undefined for what is none, or somebody else's. */
export async function keyOf(trx: Trx, workspace: MemberWorkspace, id: string) {
  const row = await keysQuery(trx, workspace.id).where('k.id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  return shownKey(row, workspace, await budgetsOf(trx, workspace.id));
}

export type ShownKey = ReturnType<typeof shownKey>;

function keysQuery(trx: Trx, workspaceId: string) {
  return trx
    .selectFrom('api_keys as k')
    .leftJoin('people as p', 'p.id', 'k.created_by')
    .select(['k.id', 'k.name', 'k.prefix', 'k.livemode', 'k.scopes', 'k.created_at'])
    .select(['k.expires_at', 'k.revoked_at', 'k.paused_at', 'k.last_used_at', 'p.name as made_by'])
    .select('p.deactivated_at as maker_deactivated_at')
    .where('k.workspace_id', '=', workspaceId)
    .orderBy((order) => order('k.revoked_at', 'is not', null))
    .orderBy('k.id', 'desc');
}

type StoredKey = Awaited<ReturnType<ReturnType<typeof keysQuery>['execute']>>[number];

function shownKey(key: StoredKey, { slug }: MemberWorkspace, budgets: readonly BudgetReport[]) {
  const budget = budgets.find(({ subject }) => subject === `api_key:${key.id}`);
  return {
    ...{ id: key.id, name: key.name, prefix: key.prefix, made_by: key.made_by ?? undefined },
    href: `/w/${slug}/keys/${key.id}`,
    mode: key.livemode ? 'Live' : 'Test',
    state: stateOf(key),
    scopes: key.scopes,
    created_at: key.created_at,
    expires_at: key.expires_at ?? undefined,
    revoked_at: key.revoked_at ?? undefined,
    paused_at: key.paused_at ?? undefined,
    last_used_at: key.last_used_at ?? undefined,
    budget: budget === undefined ? undefined : { ...budget, every: periodLabel(budget.period) },
  };
}

function stateOf({ revoked_at, maker_deactivated_at, expires_at, paused_at }: StoredKey) {
  if (revoked_at !== null || maker_deactivated_at !== null) return 'revoked';
  if (expires_at !== null && expires_at.getTime() <= Date.now()) return 'expired';
  return paused_at === null ? 'good' : 'paused';
}

function periodLabel(period: BudgetReport['period']): string {
  return period === 'hour' ? 'an hour' : PERIODS[period];
}

function expiryOf(choice: keyof typeof EXPIRIES): Date | undefined {
  const days = EXPIRIES[choice];
  return days === undefined ? undefined : new Date(Date.now() + days * DAY_MILLISECONDS);
}
