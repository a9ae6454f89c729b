import type { Correction, Refusal } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { countedPeriods } from '../price-rules.ts';
import type { Entry } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { giveBack } from './refunds.ts';
import { debit } from './usage.ts';

/**
 * A refund of all that is left of a charge, and the debit that follows from it: what it should have
 * been. It is paid from all that there is, what came back included. The refund says what was taken
 * for charged, so that analytics take that off where it happened.
 */
export function correct(draft: Draft, command: Correction): Entry | Refusal {
  const { charged, occurred_at } = command;
  const charge = draft.charges.find((one) => one.seq === command.entry_seq);
  if (charge === undefined) return { code: 'charge_unknown' };
  const { operation } = charge;
  const { quantity } = charged;
  const back = giveBack(draft, charge, undefined, {
    ...asAsked(command),
    ...{ operation, quantity, occurred_at },
  });
  if ('code' in back) return back;
  if (operation !== null && countedPeriods(charged.rule).length > 0) {
    draft.tally.giveBackQuantity(operation, quantity, charge.counted_at, draft.nextAt());
  }
  const anew = debit(draft, { ...command, kind: 'debit' }, back);
  return 'code' in anew ? anew : back;
}
