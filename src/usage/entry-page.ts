import type { EntryKind } from '../core/wallet.ts';
import { type FamilyEntry, familyOf, openHoldOf } from '../ledger/entry-families.ts';
import { type ReadEntry, entryBySeq } from '../ledger/entries.ts';
import { lotReport } from '../ledger/lot-reports.ts';
import type { Trx } from '../lib/database.ts';
import type { Show } from '../lib/formatting.ts';
import { ruleVersions } from '../pricing/rule-versions.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { SHOWN_KINDS, shownKindOf } from './entry-kinds.ts';
import { legsOf } from './entry-legs.ts';
import {
  type Wording,
  actorOf,
  keyNameOf,
  lotTitle,
  quantityOf,
  titleOf,
  wordingFor,
} from './entry-rows.ts';
import { lineOf, sentenceOf, waiverWords } from './entry-sentence.ts';

/** Everything that explains one entry; undefined when the wallet has no such entry. */
export async function explainEntry(
  trx: Trx,
  workspace: ShownWorkspace,
  walletId: string,
  seq: bigint,
  show: Show,
) {
  const entry = await entryBySeq(trx, walletId, seq);
  if (entry === undefined) return undefined;
  const wording = await wordingFor(trx, walletId, [entry]);
  const { members, has_more } = await familyOf(trx, walletId, seq);
  const lot = wording.lots.get(entry.legs[0]?.lot ?? 0);
  const granted = lot?.entry_seq === seq ? await lotReport(trx, walletId, lot.number) : undefined;
  return {
    entry: {
      seq: entry.seq,
      kind: entry.kind,
      kind_word: SHOWN_KINDS[shownKindOf(entry.kind, lot?.source)],
      title:
        granted === undefined || entry.kind !== 'grant'
          ? [titleOf(entry, wording), quantityOf(entry, wording)].filter(Boolean).join(', ')
          : lotTitle(granted),
      sentence: sentenceOf(entry, wording, members, show),
      at: entry.at,
      change_micro: entry.change_micro,
      amount_micro: entry.amount_micro,
      list_amount_micro: entry.list_amount_micro ?? undefined,
      waiver: entry.waiver === null ? undefined : waiverWords(entry.waiver),
    },
    lines: entry.lines.map(lineOf),
    rules: await rulesOf(trx, entry, show),
    legs: legsOf(entry, wording, workspace.base, show),
    became: granted && becameOf(granted),
    story: await storyOf(trx, walletId, { members, has_more, seq, base: workspace.base }),
    before_micro: entry.balance_after_micro - entry.change_micro,
    after_micro: entry.balance_after_micro,
    who: whoOf(entry, wording, workspace, show),
    metadata: Object.entries(entry.metadata ?? {}).map(([label, value]) => ({
      label,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  };
}

const WHOSE = { general: 'all customers', plan: 'your plan', customer: 'this workspace alone' };

/** "Version 3 of image.generate, in force since 1 October 2026 for all customers." */
async function rulesOf(trx: Trx, { lines }: ReadEntry, show: Show): Promise<string[]> {
  const versions = await ruleVersions(
    trx,
    lines.map((line) => line.rule),
  );
  return versions.map(({ operation, version, valid_from, scope }) => {
    return `Version ${version} of ${operation}, in force since ${show.date(valid_from)} for ${WHOSE[scope]}.`;
  });
}

/** A granted lot as a sum: what was granted, less what became of it, is what is left. */
function becameOf(lot: NonNullable<Awaited<ReturnType<typeof lotReport>>>) {
  const gone: [string, bigint][] = [
    ['Spent', -lot.consumed_micro],
    ['Expired', -lot.expired_micro],
    ['Taken back or sent on', -lot.removed_micro],
  ];
  const left = lot.available_micro + lot.held_micro;
  return {
    rows: [
      ['Granted', lot.granted_micro] as [string, bigint],
      ...gone.filter(([, micro]) => micro !== 0n),
    ],
    left_micro: left,
    held_micro: lot.held_micro,
    cost:
      lot.currency === null || lot.cost_minor === 0n
        ? undefined
        : { minor: lot.cost_minor, currency: lot.currency, credits_micro: lot.granted_micro },
  };
}

const STEPS: Record<EntryKind, string> = {
  grant: 'Granted',
  debit: 'Charged',
  hold: 'Held',
  extension: 'Hold extended',
  capture: 'Captured',
  release: 'Came back',
  refund: 'Given back',
  expiry: 'Expired',
  clawback: 'Taken back',
  reinstatement: 'Put back',
  adjustment: 'Put right',
  transfer_out: 'Sent',
  transfer_in: 'Received',
  repayment: 'Repaid what was owed',
  write_off: 'Written off',
};

interface Family {
  members: readonly FamilyEntry[];
  has_more: boolean;
  seq: bigint;
  base: string;
}

/** The entries that belong together, and what became of the hold that they begin with. */
async function storyOf(trx: Trx, walletId: string, { members, has_more, seq, base }: Family) {
  const [first] = members;
  if (first === undefined) return undefined;
  const hold = first.kind === 'hold' ? await heldOf(trx, walletId, first, members) : undefined;
  if (members.length < 2 && hold?.open_until === undefined) return undefined;
  return {
    steps: members.map((one) => ({
      word: STEPS[one.kind],
      at: one.at,
      amount_micro: one.kind === 'extension' ? undefined : one.amount_micro,
      ...(one.seq === seq ? {} : { href: `${base}/history/${one.seq}`, seq: one.seq }),
    })),
    has_more,
    hold,
  };
}

async function heldOf(
  trx: Trx,
  walletId: string,
  hold: FamilyEntry,
  members: readonly FamilyEntry[],
) {
  const sumOf = (kind: EntryKind): bigint =>
    members.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.amount_micro, 0n);
  const open = await openHoldOf(trx, walletId, hold.seq);
  return {
    held_micro: hold.amount_micro,
    captured_micro: sumOf('capture'),
    released_micro: sumOf('release'),
    open_until: open?.expires_at,
  };
}

/** Something that is known of an entry. */
interface Fact {
  label: string;
  value: string | null | undefined;
  href?: string | undefined;
  code?: true;
}

/** Who asked, through what, for whom and why. */
function whoOf(
  entry: ReadEntry,
  wording: Wording,
  workspace: ShownWorkspace,
  show: Show,
): (Fact & { value: string })[] {
  const { base } = workspace;
  const key = keyNameOf(entry, wording);
  // The page of a key is for those who may make one.
  const isManager = 'role' in workspace && workspace.role !== 'member';
  const payment = `${base}/payments/${entry.payment_id ?? ''}`;
  const facts: Fact[] = [
    { label: 'By', value: key === undefined ? actorOf(entry, wording) : undefined },
    {
      label: 'API key',
      value: key,
      href: isManager ? `${base}/keys/${entry.api_key_id ?? ''}` : undefined,
    },
    { label: 'Customer, as the caller says', value: entry.on_behalf_of },
    { label: 'Description', value: entry.description },
    { label: 'Reason', value: entry.reason },
    {
      label: 'Happened, as the caller says',
      value: entry.occurred_at && show.dateTime(entry.occurred_at),
    },
    { label: 'Payment', value: entry.payment_id?.slice(-12).toUpperCase(), href: payment },
    {
      label: 'Invoice',
      value: entry.payment_id && 'See the invoice',
      href: `${payment}/invoice`,
    },
    { label: 'Idempotency key', value: `${entry.namespace} ${entry.key}`, code: true },
    { label: 'Request', value: entry.request_id, code: true },
  ];
  return facts.flatMap(({ value, ...fact }) => (value ? [{ ...fact, value }] : []));
}
