import type { Clawback, Refusal, Reinstatement, WriteOff } from '../../../src/core/commands.ts';
import { backToLot, oweLess } from './commands.ts';
import { type NaiveEntry, type NaiveWallet, least, leg, sum, write } from './wallet.ts';

export function clawBack(wallet: NaiveWallet, command: Clawback, now: bigint): bigint | Refusal {
  const lot = wallet.lots.find((one) => one.number === command.lot);
  if (lot === undefined) return { code: 'lot_unknown' };
  let left = lot.granted;
  for (const one of wallet.clawbacks) if (one.lot === lot.number && !one.undone) left -= one.amount;
  const amount = command.amount_micro;
  if (amount > left) return { code: 'clawback_above_lot', left };
  const legs: NaiveEntry['legs'] = [];
  const unspent = least(lot.available, amount);
  if (unspent > 0n) legs.push(leg(lot.number, 'available', 'removed', unspent));
  const expired = least(lot.expired, amount - unspent);
  if (expired > 0n) legs.push(leg(lot.number, 'expired', 'removed', expired));
  const owed = amount - sum(legs);
  if (owed > 0n) legs.push(leg(0, 'debt', 'removed', owed));
  const seq = write(wallet, now, 'clawback', amount, legs, lot.entry_seq);
  const forgiven = wallet.policies.reversal === 'write_off' ? owed : 0n;
  wallet.clawbacks.push({
    ...{ seq, at: wallet.last_at, lot: lot.number, amount, owed },
    ...{ returned: forgiven, undone: false },
  });
  if (forgiven > 0n) {
    write(wallet, now, 'write_off', forgiven, [leg(0, 'outside', 'debt', forgiven)], seq);
  }
  return seq;
}

export function reinstate(
  wallet: NaiveWallet,
  command: Reinstatement,
  now: bigint,
): bigint | Refusal {
  const taken = wallet.clawbacks.find((one) => one.seq === command.entry_seq);
  if (taken === undefined) return { code: 'clawback_unknown' };
  const amount = taken.amount - taken.returned;
  if (amount === 0n) return { code: 'nothing_to_reinstate' };
  const removed = taken.amount - taken.owed;
  const expires_at = wallet.lots[taken.lot - 1]?.expires_at ?? null;
  const legs: NaiveEntry['legs'] = [];
  if (removed > 0n && expires_at !== null && expires_at <= taken.at) {
    legs.push(leg(taken.lot, 'removed', 'expired', removed));
  } else if (removed > 0n) {
    legs.push(...backToLot(wallet, taken.lot, removed, now, 'removed'));
  }
  if (amount > removed) legs.push(...oweLess(wallet, amount - removed, 'removed'));
  taken.returned = taken.amount;
  taken.undone = true;
  return write(wallet, now, 'reinstatement', amount, legs, taken.seq);
}

export function writeOff(wallet: NaiveWallet, command: WriteOff, now: bigint): bigint | Refusal {
  const { debt } = wallet;
  const amount = command.amount_micro ?? debt;
  if (amount < 1n || amount > debt) return { code: 'write_off_above_debt', debt };
  return write(wallet, now, 'write_off', amount, [leg(0, 'outside', 'debt', amount)]);
}
