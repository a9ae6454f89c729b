/** What a workspace can be alerted of, in the order in which people are shown it. */
export const ALERT_KINDS = [
  'balance_low',
  'run_out',
  'lot_expiring',
  'spike',
  'budget_reached',
  'top_up_failed',
  'card_expiring',
  'recovered',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export function isAlertKind(text: string): text is AlertKind {
  return ALERT_KINDS.some((kind) => kind === text);
}

/** Days before the end of a lot at which its owners can be told. */
export const EXPIRY_DAYS = [14, 3, 1] as const;

/** What a workspace is alerted of. Null: not of this. */
export interface AlertSettings {
  /** Of what was bought last. */
  low_percent: number | null;
  critical_percent: number | null;
  /** A mark of the workspace's own. */
  mark_micro: bigint | null;
  run_out_days: number | null;
  expiry_days: readonly number[];
  spikes: boolean;
}

/** How one person hears of one kind of alert. */
export interface AlertPreference {
  in_page: boolean;
  by_mail: boolean;
}

/** About paying: for owners and admins only. */
const ABOUT_PAYING: ReadonlySet<AlertKind> = new Set(['top_up_failed', 'card_expiring']);

/** Who of a workspace may hear of a kind. */
export function mayHear(kind: AlertKind, isManager: boolean): boolean {
  return isManager || !ABOUT_PAYING.has(kind);
}

/** A declined charge is told by a mail of its own, which nobody can end: it is about money. */
export function canBeMailed(kind: AlertKind): boolean {
  return kind !== 'top_up_failed';
}

/** As somebody who has chosen nothing hears of a kind. */
export function defaultPreference(kind: AlertKind, isManager: boolean): AlertPreference {
  return { in_page: true, by_mail: isManager && canBeMailed(kind) && kind !== 'recovered' };
}
