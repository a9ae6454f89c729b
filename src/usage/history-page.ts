import { z } from 'zod';
import { ENTRY_KINDS } from '../core/wallet.ts';
import type { Balance } from '../ledger/balances.ts';
import { type EntryPage, entryPage } from '../ledger/entries.ts';
import { type FilteredPage, filteredPage } from '../ledger/filtered-entries.ts';
import type { Trx } from '../lib/database.ts';
import type { FormState } from '../lib/forms.ts';
import type { MemberWorkspace, ShownWorkspace } from '../workspaces/workspaces.ts';
import { KINDS, rowOf, wordingFor } from './entry-rows.ts';
import { NONE, entryFilterOf, parseFilters, urlWith } from './filters.ts';
import { hasMovedIn } from './moved-in-page.ts';
import { choicesOf } from './reports/names.ts';

const ENTRIES = 50;

/** What the form calls its fields. */
export const HISTORY_LABELS = {
  kind: 'Kind',
  operation: 'Operation',
  key: 'Key',
  member: 'Member',
  customer: 'Customer',
  from: 'From',
  to: 'To',
  text: 'Text',
};

export interface HistoryAsked {
  query: unknown;
  zone: string;
}

/** A page of the history: of all entries, or of those that the filters of its address let through. */
export async function historyPage(
  trx: Trx,
  workspace: ShownWorkspace | MemberWorkspace,
  balance: Balance,
  { query, zone }: HistoryAsked,
) {
  const form = parseFilters(query);
  const choices = await choicesOf(trx, workspace.id, 'role' in workspace);
  const shared = { balance, labels: HISTORY_LABELS, kinds: KIND_CHOICES, choices, none: NONE };
  if (!form.ok) {
    const state: FormState = { values: form.values, errors: form.errors };
    return { status: 422, ...shared, form: state, is_filtered: true, ...NO_PAGE };
  }
  const is_filtered = Object.keys(form.data).length > 0;
  const cursor = { ...cursorOf(query), limit: ENTRIES };
  const page: EntryPage & Pick<FilteredPage, 'stopped'> = is_filtered
    ? await filteredPage(trx, balance.wallet_id, entryFilterOf(form.data, zone), cursor)
    : await entryPage(trx, balance.wallet_id, cursor);
  const wording = await wordingFor(trx, balance.wallet_id, page.entries);
  const oldest = page.entries.at(-1);
  return {
    status: 200,
    ...shared,
    form: { values: form.values, errors: {} },
    is_filtered,
    rows: page.entries.map((entry) => rowOf(entry, wording, workspace.base)),
    ...linksOf(`${workspace.base}/history`, form.values, page, cursor.after !== undefined),
    files: {
      csv: urlWith(`${workspace.base}/history.csv`, form.data),
      json: urlWith(`${workspace.base}/history.json`, form.data),
    },
    first_page: !page.has_newer,
    moved_in: await hasMovedIn(trx),
    opening_micro: oldest === undefined ? 0n : oldest.balance_after_micro - oldest.change_micro,
  };
}

/** Of filters that are refused nothing is shown. */
const NO_PAGE = {
  rows: [],
  older: undefined,
  newer: undefined,
  stopped: undefined,
  files: undefined,
  first_page: true,
  moved_in: false,
  opening_micro: 0n,
};

const KIND_CHOICES = [
  { value: 'usage', name: 'Usage: charged, less refunds' },
  ...ENTRY_KINDS.map((value) => ({ value, name: KINDS[value] })),
];

/** Where a page begins, by the number of an entry; anything else in its place is left out. */
function cursorOf(query: unknown): { before?: bigint | undefined; after?: bigint | undefined } {
  const seq = z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .transform(BigInt)
    .optional()
    .catch(undefined);
  return z.object({ before: seq, after: seq }).catch({}).parse(query);
}

/** The links to what is beside a page, with the same filters; on from where a search stopped. */
function linksOf(
  path: string,
  values: FormState['values'],
  { entries, has_older, has_newer, stopped }: EntryPage & Pick<FilteredPage, 'stopped'>,
  upwards: boolean,
) {
  const link = (name: 'before' | 'after', seq: bigint): string => {
    const address = new URLSearchParams();
    for (const field of Object.keys(HISTORY_LABELS)) {
      const value = values[field];
      if (value !== undefined) address.set(field, value);
    }
    address.set(name, String(seq));
    return `${path}?${address.toString()}`;
  };
  const [newest, oldest] = [entries[0], entries.at(-1)];
  const [down, up] = upwards ? [oldest, stopped ?? newest] : [stopped ?? oldest, newest];
  return {
    older: has_older && down !== undefined ? link('before', down.seq) : undefined,
    newer: has_newer && up !== undefined ? link('after', up.seq) : undefined,
    stopped: stopped === undefined ? undefined : { at: stopped.at, upwards },
  };
}
