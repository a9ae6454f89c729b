import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../../src/core/commands.ts';
import type { Outcome } from '../../src/ledger/ledger.ts';
import { lineOf } from './exact-lines.ts';
import { runNaively } from './naive-ledger.ts';
import { hourOf } from './naive/usage.ts';
import {
  type NaiveAnswer,
  type NaiveEntry,
  type NaiveWallet,
  naiveWallet,
} from './naive/wallet.ts';

/*
 * Were commands that ran at the same time carried out as if one after the other? The entries'
 * numbers are the witness: in their order the naive ledger must write the same and answer the same.
 * A refusal wrote nothing: it must be what the naive ledger says at some point between its asking
 * and its answer.
 */

/** A command that was answered. Asked and answered are counted by one clock over all callers. */
export interface Call {
  command: Command;
  /** A time of its own, if it brought one. */
  at: bigint | undefined;
  asked: number;
  answered: number;
  /** When it was answered, in microseconds since 1970. */
  answered_at: bigint;
  answer: Outcome;
}

export interface StoredEntry {
  entry: NaiveEntry;
  namespace: string;
  key: string;
}

/** A wallet after some of its entries, and which call's command wrote the last of them. */
interface Position {
  wallet: NaiveWallet;
  key: string | undefined;
  answer: NaiveAnswer | undefined;
}

/** Each thing that no order of single commands explains, as a sentence. */
export function unexplained(
  policies: NaiveWallet['policies'],
  calls: readonly Call[],
  entries: readonly StoredEntry[],
): string[] {
  const positions: Position[] = [
    { wallet: naiveWallet(policies, 0n), key: undefined, answer: undefined },
  ];
  for (const group of groupsOf(entries)) {
    const found = explainGroup(positions.at(-1), group, calls);
    if (found === undefined) return [`no command writes ${lineOf(group)}`];
    positions.push(...found);
  }
  const order = orderOf(positions, calls);
  return calls.flatMap((call) =>
    explains(positions, order, call) ? [] : [`nothing explains ${lineOf(call)}`],
  );
}

interface Group {
  due: StoredEntry[];
  own: StoredEntry[];
}

/** What was due, then a command's own entry and those that follow from it. */
function groupsOf(entries: readonly StoredEntry[]): Group[] {
  const groups: Group[] = [];
  for (const stored of entries) {
    const last = groups.at(-1);
    const goesOn =
      stored.namespace === 'follows' || (last?.own.length === 0 && last.due.length > 0);
    const group = goesOn && last !== undefined ? last : { due: [], own: [] };
    if (group !== last) groups.push(group);
    (stored.namespace === 'due' ? group.due : group.own).push(stored);
  }
  return groups;
}

/** The positions after a group: after what was due, whoever had it written, and after the command. */
function explainGroup(
  before: Position | undefined,
  { due, own }: Group,
  calls: readonly Call[],
): Position[] | undefined {
  const positions: Position[] = before === undefined ? [] : [before];
  let [rest, last] = [due, due];
  for (let [next] = rest; next !== undefined; [next] = rest) {
    const ran = expireNaively(positions.at(-1)?.wallet, next.entry.at);
    last = rest.slice(0, ran.wallet.written.length);
    if (last.length === 0 || !writes(ran.wallet, last)) return undefined;
    positions.push({ ...ran, key: undefined });
    rest = rest.slice(last.length);
  }
  const [first] = own;
  if (first === undefined) return positions.slice(1);
  const named = `${first.namespace} ${first.key}`;
  for (const { command } of calls.filter((call) => keyOf(call.command) === named)) {
    const [apart, together] = [positions.at(-1), last.length > 0 ? positions.at(-2) : undefined];
    for (const [from, written] of [
      [together, [...last, ...own]],
      [apart, own],
    ] as const) {
      const at = written[0]?.entry.at ?? first.entry.at;
      const ran = from === undefined ? undefined : runNaively(from.wallet, command, at);
      if (ran !== undefined && writes(ran.wallet, written)) {
        return [...positions.slice(1), { ...ran, key: named }];
      }
    }
  }
  return undefined;
}

function expireNaively(wallet: NaiveWallet | undefined, at: bigint): ReturnType<typeof runNaively> {
  if (wallet === undefined) throw new Error('there is always a first position');
  return runNaively(wallet, { kind: 'expire', wallet_id: '' }, at);
}

function writes({ written }: NaiveWallet, entries: readonly StoredEntry[]): boolean {
  const told = entries.map(({ entry }) => entry);
  return isDeepStrictEqual(written, told);
}

/** Which position a key's command came to, and the positions between which a call may have been. */
interface Order {
  of: ReadonlyMap<string, number>;
  bounds: (call: Call) => [first: number, last: number];
}

function orderOf(positions: readonly Position[], calls: readonly Call[]): Order {
  const of = new Map<string, number>();
  for (const [index, { key }] of positions.entries()) if (key !== undefined) of.set(key, index);
  const firsts = calls.flatMap((call) => {
    const position = of.get(keyOf(call.command) ?? '');
    const isFirst = call.answer.outcome === 'done' && !call.answer.replayed;
    return isFirst && position !== undefined ? [{ ...call, position }] : [];
  });
  return {
    of,
    bounds: (call) => {
      const earlier = firsts.filter((one) => one.answered < call.asked);
      const later = firsts.filter((one) => one.asked > call.answered);
      return [
        Math.max(0, ...earlier.map((one) => one.position)),
        Math.min(positions.length - 1, ...later.map((one) => one.position - 1)),
      ];
    },
  };
}

function explains(positions: readonly Position[], order: Order, call: Call): boolean {
  const { command, answer } = call;
  const [first, last] = order.bounds(call);
  const between = positions.slice(first, last + 1);
  if (answer.outcome === 'refused') {
    return between.some(({ wallet }, index) =>
      momentsOf(wallet, positions[first + index + 1]?.wallet, call).some((now) =>
        isDeepStrictEqual(runNaively(wallet, command, now).answer, answer),
      ),
    );
  }
  if (command.kind === 'expire') {
    return between.some(
      ({ wallet }) =>
        wallet.last_seq === answer.seq &&
        wallet.lots.reduce((sum, lot) => sum + lot.available, 0n) === answer.available_after,
    );
  }
  const own = order.of.get(keyOf(command) ?? '') ?? -1;
  const stands = answer.replayed ? own <= last : own >= Math.max(first, 1) && own <= last;
  const told = positions[own]?.answer;
  return (
    stands &&
    told?.outcome === 'done' &&
    told.seq === answer.seq &&
    told.amount_micro === answer.amount_micro &&
    told.available_after === answer.available_after
  );
}

/** When a refusal may have been decided: at once after this position, or when something was due. */
function momentsOf(wallet: NaiveWallet, next: NaiveWallet | undefined, call: Call): bigint[] {
  if (call.at !== undefined) return call.at > wallet.last_at ? [call.at] : [];
  const until = next === undefined ? call.answered_at : next.last_at;
  const deadlines = [
    ...wallet.lots.filter((lot) => lot.available > 0n).map((lot) => lot.expires_at),
    ...wallet.holds.filter((hold) => hold.open).map((hold) => hold.expires_at),
  ].filter((at) => at !== null && at > wallet.last_at && at <= until);
  const hour = hourOf(until);
  const begun = hour > wallet.last_at ? [hour] : [];
  return [wallet.last_at + 1n, ...begun, ...deadlines.filter((at) => at !== null)];
}

function keyOf(command: Command): string | undefined {
  return command.kind === 'expire' ? undefined : `${command.key.namespace} ${command.key.key}`;
}
