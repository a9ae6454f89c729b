export type SubscriptionStatus = 'incomplete' | 'trialing' | 'active' | 'past_due' | 'cancelled';

/** What Stripe's words mean here; undefined for one that is not known. */
export function statusOfStripe(status: string): SubscriptionStatus | undefined {
  switch (status) {
    case 'incomplete':
    case 'trialing':
    case 'active':
    case 'past_due':
      return status;
    // The first payment was waited for in vain, or the seller stopped asking for one.
    case 'incomplete_expired':
    case 'canceled':
      return 'cancelled';
    case 'unpaid':
    case 'paused':
      return 'past_due';
    default:
      return undefined;
  }
}

export interface SubscriptionState {
  status: SubscriptionStatus;
  /** When Stripe made the event that told it, as Unix time; null: none told anything yet. */
  told_at: number | null;
}

const FIRST_STATES: readonly SubscriptionStatus[] = ['incomplete', 'trialing'];

/**
 * Whether what an event tells is news, in whichever order events come: the end is for good, and what
 * was made before the last news is none. Events of one second are taken as they come, but nothing
 * goes back to how subscriptions begin.
 */
export function isNews(known: SubscriptionState, told: SubscriptionState & { told_at: number }) {
  if (known.status === 'cancelled') return false;
  if (known.told_at === null || told.told_at > known.told_at) return true;
  if (told.told_at < known.told_at) return told.status === 'cancelled';
  return rankOf(told.status) >= rankOf(known.status);
}

function rankOf(status: SubscriptionStatus): number {
  const first = FIRST_STATES.indexOf(status);
  return first === -1 ? FIRST_STATES.length : first;
}
