import type Stripe from 'stripe';

/** What becomes of a card's charges when its owner is not there. */
export type CardBehaviour = 'pays' | 'declines' | 'wants_authentication';

/** A card to try things out with; its last digits are those of Stripe's own test card. */
export interface TestCard {
  /** The id under which Stripe offers the card to everybody: `pm_card_visa` and so on. */
  readonly name: string;
  readonly brand: 'visa' | 'mastercard';
  readonly last4: string;
  readonly fingerprint: string;
  /** When it is charged without its owner. */
  readonly later: CardBehaviour;
  /** Whether even its owner cannot pay with it. */
  readonly never_pays: boolean;
  readonly label: string;
}

const visa: TestCard = {
  name: 'pm_card_visa',
  brand: 'visa',
  last4: '4242',
  fingerprint: 'StandInFingerprt',
  later: 'pays',
  never_pays: false,
  label: 'pays',
};

/** Every card that this server knows, the usual one first. */
export const TEST_CARDS: readonly TestCard[] = [
  visa,
  {
    name: 'pm_card_mastercard',
    brand: 'mastercard',
    last4: '4444',
    fingerprint: 'StandInMastercrd',
    later: 'pays',
    never_pays: false,
    label: 'pays too',
  },
  {
    name: 'pm_card_chargeCustomerFail',
    brand: 'visa',
    last4: '0341',
    fingerprint: 'StandInFailsLatr',
    later: 'declines',
    never_pays: false,
    label: 'is declined when it is charged later',
  },
  {
    name: 'pm_card_authenticationRequired',
    brand: 'visa',
    last4: '3184',
    fingerprint: 'StandInWantsAuth',
    later: 'wants_authentication',
    never_pays: false,
    label: 'wants its owner when it is charged later',
  },
  {
    name: 'pm_card_chargeDeclined',
    brand: 'visa',
    last4: '0002',
    fingerprint: 'StandInDeclinedC',
    later: 'declines',
    never_pays: true,
    label: 'is declined',
  },
];

/** The names that the payment page and the control API take. */
export const CARD_NAMES = TEST_CARDS.map((card) => card.name);

/** A card by its name; the usual one when there is none of that name. */
export function cardNamed(name?: string): TestCard {
  return TEST_CARDS.find((card) => card.name === name) ?? visa;
}

/** The card that a payment method stands for. */
export function cardOf(method: Stripe.PaymentMethod): TestCard {
  const fingerprint = method.card?.fingerprint;
  return TEST_CARDS.find((card) => card.fingerprint === fingerprint) ?? visa;
}

/** Test cards are always good for some years more. */
export function expiryYear(): number {
  return new Date().getUTCFullYear() + 3;
}
