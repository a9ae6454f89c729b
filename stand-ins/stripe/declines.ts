import type { CardBehaviour } from './test-cards.ts';

/** Why a bank did not pay, in the words of Stripe's objects and errors. */
export interface Decline {
  advice_code?: string;
  code: 'card_declined' | 'authentication_required';
  decline_code: string;
  doc_url: string;
  message: string;
  type: 'card_error';
}

export const DECLINE_MESSAGE = 'Your card was declined.';

/** What Stripe says when a card is declined, or wants its owner. */
export function declineError(behaviour: Exclude<CardBehaviour, 'pays'>): Decline {
  const code = behaviour === 'declines' ? 'card_declined' : 'authentication_required';
  return {
    ...(behaviour === 'declines' && { advice_code: 'try_again_later' }),
    code,
    decline_code: behaviour === 'declines' ? 'generic_decline' : 'authentication_required',
    doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`,
    message:
      behaviour === 'declines'
        ? DECLINE_MESSAGE
        : 'Your card was declined. This transaction requires authentication.',
    type: 'card_error',
  };
}
