import type { Command, KeyedCommand, Refusal } from '../../src/core/commands.ts';
import {
  adjust,
  capture,
  debit,
  extend,
  giveBack,
  grant,
  hold,
  refund,
  release,
} from './naive/commands.ts';
import { clawBack, reinstate, writeOff } from './naive/reversals.ts';
import { type NaiveAnswer, type NaiveWallet, isOver, total, write } from './naive/wallet.ts';

/*
 * One wallet's ledger as simple as it can be told: a list of lots, loops, one command after the
 * other. It shares no code with the program, so that the two are unlikely to be wrong alike.
 */

/** The answer to a command and the wallet after it; of a refusal the wallet is as it was before. */
export function runNaively(
  before: NaiveWallet,
  command: Command,
  clock: bigint,
): { answer: NaiveAnswer; wallet: NaiveWallet } {
  const untouched: NaiveWallet = { ...before, written: [] };
  if (command.kind !== 'expire') {
    const used = before.used_keys.find((one) => one.key === keyOf(command));
    if (used !== undefined && used.content === contentOf(command) && used.answer.outcome === 'done')
      return { answer: { ...used.answer, replayed: true }, wallet: untouched };
    if (used !== undefined) {
      return { answer: { outcome: 'refused', refusal: { code: 'key_reused' } }, wallet: untouched };
    }
  }
  const wallet = structuredClone(untouched);
  const now = clock > before.last_at ? clock : before.last_at + 1n;
  settle(wallet, now);
  const result = carryOut(wallet, command, now);
  if (typeof result !== 'bigint') {
    return { answer: { outcome: 'refused', refusal: result }, wallet: untouched };
  }
  const own = wallet.written.find((entry) => entry.seq === result);
  const answer: NaiveAnswer = {
    outcome: 'done',
    replayed: false,
    seq: result,
    amount_micro: command.kind === 'expire' || own === undefined ? 0n : own.amount,
    available_after: total(wallet, 'available'),
  };
  if (command.kind !== 'expire') {
    wallet.used_keys.push({ key: keyOf(command), content: contentOf(command), answer });
  }
  return { answer, wallet };
}

/** The number of the command's own entry, or the refusal. */
function carryOut(wallet: NaiveWallet, command: Command, now: bigint): bigint | Refusal {
  const stopped = command.kind === 'debit' || command.kind === 'hold' || command.kind === 'extend';
  if (wallet.policies.frozen && stopped) return { code: 'wallet_frozen' };
  switch (command.kind) {
    case 'expire':
      return wallet.last_seq;
    case 'grant':
      return grant(wallet, command, now);
    case 'debit':
      return debit(wallet, command, now);
    case 'hold':
      return hold(wallet, command, now);
    case 'extend':
      return extend(wallet, command, now);
    case 'capture':
      return capture(wallet, command, now);
    case 'release':
      return release(wallet, command, now);
    case 'refund':
      return refund(wallet, command, now);
    case 'adjustment':
      return adjust(wallet, command, now);
    case 'clawback':
      return clawBack(wallet, command, now);
    case 'reinstatement':
      return reinstate(wallet, command, now);
    case 'write_off':
      return writeOff(wallet, command, now);
    default:
      throw new Error('the naive ledger does not know this command');
  }
}

function settle(wallet: NaiveWallet, now: bigint): void {
  const lapsed = wallet.holds.filter((one) => one.open && one.expires_at <= now);
  for (const one of lapsed.sort((a, b) => compare(a.expires_at, b.expires_at) || order(a.id, b.id)))
    giveBack(wallet, one, now);
  const due = wallet.lots.filter((lot) => lot.available > 0n && isOver(lot, now));
  due.sort((a, b) => compare(a.expires_at ?? 0n, b.expires_at ?? 0n) || a.number - b.number);
  for (const lot of due) {
    write(wallet, now, 'expiry', lot.available, [
      { lot: lot.number, from: 'available', to: 'expired', amount: lot.available },
    ]);
  }
}

/** What a key stands for: all that was asked, but not the price nor who asked. */
function contentOf(command: KeyedCommand): string {
  const content = Object.entries(command).filter(
    ([name]) => !['wallet_id', 'key', 'rule', 'asked', 'details'].includes(name),
  );
  return content
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join('&');
}

function keyOf(command: KeyedCommand): string {
  return `${command.key.namespace} ${command.key.key}`;
}

const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0);
const order = (one: string, other: string): number => (one < other ? -1 : 1);
