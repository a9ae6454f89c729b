import { z } from 'zod';
import { EXPIRY_DAYS } from '../core/alerts.ts';
import { DEFAULT_LEVEL_LIMITS, type LevelLimits } from '../core/levels.ts';
import type { CatalogueItem } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';

/** What is low and critical here, and what those are alerted of who have chosen nothing. */
export interface AlertDefaults extends LevelLimits {
  expiry_days: readonly number[];
  spikes: boolean;
}

/** They are one item of the catalogue, which has this code. */
export const ALERT_DEFAULTS_CODE = 'default';

/** What is usual, where the seller says nothing else. */
export const USUAL_DEFAULTS: AlertDefaults = {
  ...DEFAULT_LEVEL_LIMITS,
  expiry_days: EXPIRY_DAYS,
  spikes: true,
};

const whole = z.int().nonnegative();
const Content = z.object({
  low_percent: whole.max(100),
  critical_percent: whole.max(100),
  low_days: whole,
  critical_days: whole,
  expiry_days: z.array(whole),
  spikes: z.boolean(),
});

/** The defaults from what is stored. */
export function alertDefaultsIn(content: unknown): AlertDefaults {
  const { expiry_days, spikes, ...limits } = Content.parse(content);
  return {
    low_percent: BigInt(limits.low_percent),
    critical_percent: BigInt(limits.critical_percent),
    low_days: BigInt(limits.low_days),
    critical_days: BigInt(limits.critical_days),
    expiry_days,
    spikes,
  };
}

/** The same as it is stored. */
export function alertDefaultsContent(defaults: AlertDefaults) {
  return {
    ...defaults,
    low_percent: Number(defaults.low_percent),
    critical_percent: Number(defaults.critical_percent),
    low_days: Number(defaults.low_days),
    critical_days: Number(defaults.critical_days),
  };
}

export function toldAlertDefaults({ content }: CatalogueItem): Told {
  const { low_percent, critical_percent, low_days, critical_days, ...rest } =
    alertDefaultsIn(content);
  return {
    low_percent: String(low_percent),
    critical_percent: String(critical_percent),
    low_days: String(low_days),
    critical_days: String(critical_days),
    expiry_days: rest.expiry_days.join(', '),
    spikes: rest.spikes ? 'yes' : 'no',
  };
}
