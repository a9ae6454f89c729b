/** What the seller asks of whoever is to have the welcome credits. */
export interface WelcomeGuard {
  /** Whether the address has to be verified first. */
  verified_address: boolean;
  /** So many accounts of one address block in a day, and the next ones are looked at by somebody. */
  accounts_a_day_from_block: number;
}

/** What is known of somebody who is new. */
export interface WelcomeClaim {
  verified: boolean;
  /** The welcome credits were given to this mailbox, or this Google account, before. */
  known: 'mailbox' | 'google' | undefined;
  /** Whether the address is of a service for addresses that are thrown away. */
  throw_away: boolean;
  /** Other accounts of the same address block, within a day. */
  others_from_block: number;
  /** What is left of the campaign's budget; undefined when it has none. */
  budget_left_micro: bigint | undefined;
  amount_micro: bigint;
}

export type WelcomeReason = 'mailbox' | 'google' | 'throw_away' | 'block' | 'budget';

export type WelcomeVerdict =
  { state: 'granted' | 'waiting' } | { state: 'review' | 'refused'; reason: WelcomeReason };

/**
 * Whether somebody gets the welcome credits. Who had them is refused, who looks like many is looked
 * at by a person, and only who verified the address, where that is asked for, is given them.
 */
export function judgeWelcome(claim: WelcomeClaim, guard: WelcomeGuard): WelcomeVerdict {
  if (claim.known !== undefined) return { state: 'refused', reason: claim.known };
  if (claim.throw_away) return { state: 'review', reason: 'throw_away' };
  if (claim.others_from_block >= guard.accounts_a_day_from_block) {
    return { state: 'review', reason: 'block' };
  }
  if (guard.verified_address && !claim.verified) return { state: 'waiting' };
  if (claim.budget_left_micro !== undefined && claim.budget_left_micro < claim.amount_micro) {
    return { state: 'review', reason: 'budget' };
  }
  return { state: 'granted' };
}

const DOTLESS = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address leads to, as far as addresses tell: without case, without what stands
 * behind a plus, and without the dots that Gmail does not see.
 */
export function mailboxOf(address: string): string {
  const whole = address.normalize('NFKC').trim().toLowerCase();
  const at = whole.lastIndexOf('@');
  const [local = ''] = whole.slice(0, at).split('+');
  const domain = whole.slice(at + 1);
  if (!DOTLESS.has(domain)) return `${local}@${domain}`;
  return `${local.replaceAll('.', '')}@gmail.com`;
}

/**
 * The block that an address of the internet is one of: the /24 of IPv4, the /48 of IPv6. Undefined
 * for addresses that say nothing of where somebody is, as those of this machine.
 */
export function addressBlockOf(ip: string): string | undefined {
  const four = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.\d+$/i.exec(ip);
  if (four !== null) {
    const [, first, second, third] = four;
    const isPrivate =
      first === '10' ||
      first === '127' ||
      (first === '192' && second === '168') ||
      (first === '172' && Number(second) >= 16 && Number(second) <= 31);
    return isPrivate ? undefined : `${first}.${second}.${third}.0/24`;
  }
  if (!ip.includes(':') || /^(::1$|fe80:|f[cd])/i.test(ip)) return undefined;
  const [head = ''] = ip.toLowerCase().split('::');
  const groups = [...head.split(':').filter(Boolean), '0', '0', '0'].slice(0, 3);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`;
}
