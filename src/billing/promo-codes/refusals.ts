import type { PromoFault } from '../../core/promo-codes.ts';
import type { Show } from '../../lib/formatting.ts';
import type { PromoCode } from '../promo-codes.ts';

/** Why a code was not taken, as far as whoever typed it is told. */
export interface PromoRefusal {
  fault: PromoFault;
  code: string;
  starts_at: Date | null;
}

export type RefusedPromo = { outcome: 'refused' } & PromoRefusal;

/** A refusal of what somebody typed, of which perhaps nothing is known. */
export function refusedPromo(
  fault: PromoFault,
  promo: Pick<PromoCode, 'code' | 'starts_at'> | undefined,
): RefusedPromo {
  return {
    outcome: 'refused',
    fault,
    code: promo?.code ?? '',
    starts_at: promo?.starts_at ?? null,
  };
}

/** The sentence at the field. Unknown, stopped and over read the same to everybody. */
export function sentenceOf({ fault, code, starts_at }: PromoRefusal, show: Show): string {
  switch (fault) {
    case 'unknown':
      return 'There is no such code, or it is over.';
    case 'not_yet':
      return `${code} is good from ${show.dateTime(starts_at ?? new Date())}.`;
    case 'used_by_you':
      return `You have used ${code} already.`;
    case 'held_by_your_order':
      return `${code} is held by an order of yours that is not paid. Pay that one, or leave it.`;
    case 'used_up':
      return `${code} has been used as often as it was to be.`;
    case 'for_purchases':
      return `${code} adds to a purchase. Enter it where you buy credits.`;
    case 'for_plans':
      return `${code} adds to a plan. Enter it where you choose one.`;
    case 'gives_at_once':
      return `${code} gives credits without a purchase. Redeem it on its own page.`;
    case 'not_for_package':
      return `${code} is not for this package.`;
    case 'not_for_plan':
      return `${code} adds nothing to this plan.`;
    case 'not_first_purchase':
      return `${code} is for a first purchase only.`;
  }
}
