import type { Role } from '../core/roles.ts';

/** An audit event as far as it can be told. */
export interface Deed {
  action: string;
  before: unknown;
  after: unknown;
  /** What it was done to, in words; undefined for what has no name any more. */
  subject: string | undefined;
}

const ROLES: Record<Role, string> = { owner: 'an owner', admin: 'an admin', member: 'a member' };

type Words = (deed: Deed) => string;

const someone: Words = ({ subject }) => subject ?? 'somebody';
const whose = (deed: Deed): string => `for ${someone(deed)}`;

/** What somebody did, as it goes on after their name. */
const WORDS: Record<string, string | Words> = {
  'workspace.created': 'made the workspace',
  'workspace.changed': changed,
  'workspace.ownership_transferred': (deed) => `handed the workspace over to ${someone(deed)}`,
  'invitation.sent': (deed) => `invited ${someone(deed)} as ${roleIn(deed.after)}`,
  'invitation.sent_again': (deed) => `sent the invitation of ${someone(deed)} again`,
  'invitation.revoked': (deed) => `revoked the invitation of ${someone(deed)}`,
  'invitation.accepted': (deed) => `accepted the invitation, as ${roleIn(deed.after)}`,
  'member.role_changed': (deed) =>
    `made ${someone(deed)} ${roleIn(deed.after)}, before ${roleIn(deed.before)}`,
  'member.removed': removed,
  'member.left': 'left the workspace',
  'budget.set': (deed) => `set ${budgetIn(deed.after)} ${whose(deed)}`,
  'budget.raised': (deed) => `raised ${budgetIn(deed.after, ' until it resets')} ${whose(deed)}`,
  'budget.removed': (deed) => `removed ${budgetIn(deed.after)} ${whose(deed)}`,
  'api_key.created': ({ subject }) => `made the key ${subject ?? ''}`.trim(),
  'api_key.revoked': ({ subject }) => `revoked the key ${subject ?? ''}`.trim(),
  'api_key.paused': ({ subject }) => `paused the key ${subject ?? ''}`.trim(),
  'api_key.resumed': ({ subject }) => `resumed the key ${subject ?? ''}`.trim(),
  'alert_settings.changed': 'changed what the workspace is alerted of',
  'webhook_endpoint.added': ({ subject }) => `added the webhook ${subject ?? ''}`.trim(),
  'webhook_endpoint.secret_rolled': ({ subject }) =>
    `made a new secret for the webhook ${subject ?? ''}`.trim(),
  'webhook_endpoint.paused': ({ subject }) => `paused the webhook ${subject ?? ''}`.trim(),
  'webhook_endpoint.resumed': ({ subject }) => `resumed the webhook ${subject ?? ''}`.trim(),
  'webhook_endpoint.removed': ({ before, after }) =>
    `removed the webhook ${textIn(after, 'url') ?? textIn(before, 'url') ?? ''}`.trim(),
  'business_profile.changed': 'changed the business profile',
  'business_profile.goal_counted': 'counted how far a marketing goal is',
  'billing_details.changed': 'changed the billing details',
  'customer.changed': 'changed what is known of the customer',
  'auto_top_up.turned_on': 'turned auto top-up on',
  'auto_top_up.turned_off': 'turned auto top-up off',
  'auto_top_up.stopped': 'stopped auto top-up',
  'subscription.begun': 'began to subscribe to a plan',
  'subscription.started': 'began a plan',
  'subscription.ended': 'ended the plan',
  'payment.ordered': 'ordered credits',
  'payment.completed': 'settled a payment, and its credits came',
  'payment.transfer_received': 'marked a bank transfer as received',
  'payment.refund_asked_for': 'asked for money to be paid back',
  'payment.failed': 'noted that a payment failed',
  'payment.cancelled': 'closed an order that was not paid',
  'payment.refunded': 'noted that a payment was paid back',
  'payment.reversed': 'noted that part of a payment was paid back',
  'payment.disputed': 'noted that a payment is disputed',
  'wallet.credits_granted': (deed) => `granted credits to ${someone(deed)}`,
  'wallet.credits_deducted': (deed) => `took credits away from ${someone(deed)}`,
  'staff_request.made': 'asked for something that somebody else approves',
  'staff_request.approved': 'approved what another of the staff asked for',
  'staff_request.refused': 'refused what another of the staff asked for',
  'staff_request.withdrawn': 'withdrew a request',
  'bulk_grant.checked': 'had a file of grants read',
  'bulk_grant.started': 'began the grants of a file',
  'bulk_grant.stopped': 'stopped the grants of a file',
  'bulk_grant.resumed': 'had the grants of a file go on',
  'bulk_grant.done': 'came to the end of a file of grants',
  'staff_limits.changed': 'changed what the staff do alone',
  'person.staff_role_given': (deed) => `gave ${someone(deed)} a role of the staff`,
  'person.staff_role_taken': (deed) => `took the role of the staff from ${someone(deed)}`,
  'person.signed_in': 'signed in',
  'person.signed_out': 'signed out',
  'person.signed_up': 'signed up',
  'person.sign_in_failed': 'could not sign in',
  'audit.exported': 'exported the audit',
  'customers.exported': 'exported the customers',
};

/** What an action comes to in words; one that nobody has put into words is told by its name. */
export function wordsFor(deed: Deed): string {
  const words = WORDS[deed.action];
  if (typeof words === 'string') return words;
  if (words !== undefined) return words(deed);
  const [subject = '', verb = ''] = deed.action.split('.');
  const plain = (text: string): string => text.replaceAll('_', ' ');
  return `${plain(subject)}: ${plain(verb)}`;
}

const FIELDS: Record<string, string> = {
  name: 'name',
  time_zone: 'time zone',
  currency: 'currency',
};

function changed({ before, after }: Deed): string {
  const parts = Object.entries(FIELDS).flatMap(([field, label]) => {
    const now = textIn(after, field);
    return now === undefined ? [] : [`the ${label} from ${textIn(before, field) ?? ''} to ${now}`];
  });
  return parts.length === 0 ? 'changed the workspace' : `changed ${parts.join(', ')}`;
}

function removed(deed: Deed): string {
  const keys = valueIn(deed.after, 'keys_revoked');
  const revoked = typeof keys === 'number' && keys > 0 ? ', and the keys that they made' : '';
  return `took ${someone(deed)} out of the workspace${revoked}`;
}

function budgetIn(after: unknown, addition = ''): string {
  const kind = valueIn(after, 'hard') === false ? 'a warning at' : 'a limit of';
  return `${kind} ${textIn(after, 'limit') ?? ''} credits a ${textIn(after, 'period') ?? ''}${addition}`;
}

function roleIn(told: unknown): string {
  const role = textIn(told, 'role');
  return role === 'owner' || role === 'admin' || role === 'member' ? ROLES[role] : 'a member';
}

function textIn(told: unknown, field: string): string | undefined {
  const value = valueIn(told, field);
  return typeof value === 'string' ? value : undefined;
}

function valueIn(told: unknown, field: string): unknown {
  if (typeof told !== 'object' || told === null) return undefined;
  return Object.entries(told).find(([name]) => name === field)?.[1];
}
