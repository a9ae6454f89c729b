import { type RawBuilder, sql } from 'kysely';
import type { LotSource } from '../core/lots.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { type ReadEntry, lotsNamedBy, namedByNewest } from '../ledger/entries.ts';
import { type NamedLot, lotsByNumber } from '../ledger/lots.ts';
import type { Db } from '../lib/database.ts';
import { plural } from '../lib/formatting.ts';
import { operationNames } from '../pricing/price-book.ts';
import { apiKeyNames } from '../workspaces/api-keys.ts';

/** An entry as a table shows it. */
export interface EntryRow {
  seq: bigint;
  at: Date;
  href: string;
  title: string;
  detail?: string;
  by: string;
  change_micro: bigint;
  balance_after_micro: bigint;
  kind: string;
}

/** Everything beside entries that it takes to say in words what they were. */
export interface Wording {
  operations: Map<string, { name: string; unit: string }>;
  lots: Map<number, NamedLot>;
  people: Map<string, string>;
  /** Of the workspace's own keys. */
  keys: Map<string, string>;
}

export const SOURCES: Record<LotSource, string> = {
  purchase: 'Purchase',
  bonus: 'Bonus',
  plan: 'Plan',
  rollover: 'Rolled over',
  welcome: 'Welcome credits',
  reward: 'Reward',
  promo: 'Promotion',
  adjustment: 'Adjustment',
  transfer: 'Transfer',
  import: 'Opening balance',
};

/** What the kinds are called where there is nothing else to say. */
export const KINDS: Record<ReadEntry['kind'], string> = {
  grant: 'Credits granted',
  debit: 'Charged',
  hold: 'Held',
  extension: 'Hold extended',
  capture: 'Captured',
  release: 'Released',
  refund: 'Refund',
  expiry: 'Expired',
  clawback: 'Taken back',
  reinstatement: 'Put back',
  adjustment: 'Adjustment',
  transfer_out: 'Sent',
  transfer_in: 'Received',
  repayment: 'Debt repaid',
  write_off: 'Debt written off',
};

/** Reads the names that a list of entries needs: a few queries at once, however many entries. */
export async function wordingFor(
  db: Db,
  walletId: string,
  entries: readonly ReadEntry[],
): Promise<Wording> {
  const acting = entries.filter((entry) => entry.actor_kind === 'person');
  const [operations, lots, people, keys] = await Promise.all([
    operationNames(db),
    lotsNamedBy(db, walletId, entries),
    namesOf(db, distinct(acting.flatMap((entry) => entry.actor_id ?? []))),
    apiKeyNames(db, distinct(entries.flatMap((entry) => entry.api_key_id ?? []))),
  ]);
  return { operations, lots, people, keys };
}

/** The same for a wallet's newest entries, without waiting for them. */
export async function wordingForNewest(db: Db, walletId: string, count: number): Promise<Wording> {
  const named = namedByNewest(walletId, count);
  const [operations, lots, people, keys] = await Promise.all([
    operationNames(db),
    lotsByNumber(db, walletId, named.lots),
    namesOf(db, named.people),
    apiKeyNames(db, named.api_keys),
  ]);
  return { operations, lots, people, keys };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

async function namesOf(
  db: Db,
  personIds: readonly string[] | RawBuilder<string>,
): Promise<Map<string, string>> {
  if ('length' in personIds && personIds.length === 0) return new Map();
  const people = await db
    .selectFrom('people')
    .select(['id', 'name'])
    .where('id', '=', sql<string>`any(${personIds})`)
    .execute();
  return new Map(people.map((person) => [person.id, person.name]));
}

export function rowOf(entry: ReadEntry, wording: Wording, base: string): EntryRow {
  const detail = detailOf(entry, wording);
  return {
    seq: entry.seq,
    at: entry.at,
    href: `${base}/history/${entry.seq}`,
    title: titleOf(entry, wording),
    ...(detail === undefined ? {} : { detail }),
    by: actorOf(entry, wording),
    change_micro: entry.change_micro,
    balance_after_micro: entry.balance_after_micro,
    kind: entry.kind,
  };
}

/** What happened, in the words of the product: the operation, or where the credits came from. */
export function titleOf(entry: ReadEntry, wording: Wording): string {
  if (entry.operation !== null) {
    const name = wording.operations.get(entry.operation)?.name ?? entry.operation;
    return entry.kind === 'refund' ? `${name}, given back` : name;
  }
  const lot = wording.lots.get(entry.legs[0]?.lot ?? 0);
  if (lot === undefined) return KINDS[entry.kind];
  const source = SOURCES[lot.source];
  return entry.kind === 'grant' ? source : `${KINDS[entry.kind]}: ${source.toLowerCase()}`;
}

/** "Welcome credits", "Professional, purchase": what was said of a lot, and where it came from. */
export function lotTitle(lot: Pick<NamedLot, 'source' | 'description'>): string {
  const source = SOURCES[lot.source];
  return lot.description === null ? source : `${lot.description}, ${source.toLowerCase()}`;
}

/** The same in short: "Professional", "Professional (bonus)", "Welcome credits". */
export function lotName({ source, description }: Pick<NamedLot, 'source' | 'description'>): string {
  if (description === null) return SOURCES[source];
  const word = SOURCES[source].toLowerCase();
  const isSaid = source === 'purchase' || word.startsWith(description.toLowerCase());
  return isSaid ? description : `${description} (${word})`;
}

/** "for Image and Voice call only": the operations that may burn a lot; nothing where all may. */
export function onlyFor(codes: readonly string[] | null, { operations }: Wording): string[] {
  if (codes === null || codes.length === 0) return [];
  const names = codes.map((code) => operations.get(code)?.name ?? code);
  return [`for ${new Intl.ListFormat('en').format(names)} only`];
}

/** "1.5 MB", "2 images": what was asked for, in the operation's unit. */
export function quantityOf(entry: ReadEntry, wording: Wording): string | undefined {
  if (entry.operation === null || entry.quantity === null) return undefined;
  const quantity = shortestDecimal(entry.quantity, QUANTITY_DECIMALS);
  const unit = wording.operations.get(entry.operation)?.unit ?? '';
  return `${quantity} ${plural(unit, quantity)}`.trim();
}

export function actorOf(entry: ReadEntry, wording: Wording): string {
  switch (entry.actor_kind) {
    case 'person':
      return wording.people.get(entry.actor_id ?? '') ?? 'A former member';
    case 'api_key':
      return keyNameOf(entry, wording) ?? 'The service';
    case 'payment':
      return 'Payment';
    case 'job':
    case 'system':
      return 'Scrip';
  }
}

/** The name of the workspace's key that asked; undefined where none did, or one of the service. */
export function keyNameOf(entry: ReadEntry, { keys }: Wording): string | undefined {
  return entry.api_key_id === null ? undefined : keys.get(entry.api_key_id);
}

function detailOf(entry: ReadEntry, wording: Wording): string | undefined {
  return entry.description ?? quantityOf(entry, wording);
}
