/** What is known of who was brought and who brought them, when the reward is due. */
export interface ReferralFacts {
  /** Somebody of the workspace that brought is the person who came. */
  is_member: boolean;
  referred_email: string;
  referrer_emails: readonly string[];
  /** The card of the purchase, where it is known; and those of the workspace that brought. */
  card: string | undefined;
  referrer_cards: readonly string[];
  /** Whether another reward was given for a purchase with this card. */
  card_was_rewarded: boolean;
  money_went_back: boolean;
}

export type ReferralFault =
  'same_person' | 'same_address' | 'same_card' | 'card_known' | 'money_back';

/** Why nobody is rewarded; undefined when both are. */
export function referralFault(facts: ReferralFacts): ReferralFault | undefined {
  if (facts.is_member) return 'same_person';
  const referred = mailbox(facts.referred_email);
  if (facts.referrer_emails.some((email) => mailbox(email) === referred)) return 'same_address';
  if (facts.money_went_back) return 'money_back';
  if (facts.card === undefined) return undefined;
  if (facts.referrer_cards.includes(facts.card)) return 'same_card';
  return facts.card_was_rewarded ? 'card_known' : undefined;
}

/** Where mail to an address ends up: without what follows a plus, and for Gmail without dots. */
export function mailbox(email: string): string {
  const [name = '', domain = ''] = email.normalize('NFKC').trim().toLowerCase().split('@');
  const [box = ''] = name.split('+');
  const isGmail = domain === 'gmail.com' || domain === 'googlemail.com';
  return isGmail ? `${box.replaceAll('.', '')}@gmail.com` : `${box}@${domain}`;
}
