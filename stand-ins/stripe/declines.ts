import type { CardBehaviour } from './test-cards.ts';

/** Why a bank did not pay. */
export type Refusal = Exclude<CardBehaviour, 'pays'> | 'not_authenticated';

const DECLINES = {
  declines: {
    advice_code: 'try_again_later',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  },
  wants_authentication: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  not_authenticated: {
    code: 'payment_intent_authentication_failure',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  },
} as const;

/** Why a bank did not pay, in the words of Stripe's objects and errors. */
export interface Decline {
  advice_code?: string;
  code: string;
  decline_code?: string;
  doc_url: string;
  message: string;
  type: 'card_error' | 'invalid_request_error';
}

/** What Stripe says when a card is declined, or its owner is not there or does not agree. */
export function declineError(refusal: Refusal): Decline {
  const decline = DECLINES[refusal];
  const doc_url = `https://docs.stripe.com/error-codes/${decline.code.replaceAll('_', '-')}`;
  const type = refusal === 'not_authenticated' ? 'invalid_request_error' : 'card_error';
  return { ...decline, doc_url, type };
}
