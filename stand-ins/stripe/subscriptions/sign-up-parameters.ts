import { nowSeconds } from '../context.ts';
import { parameterError } from '../errors.ts';
import type { SessionCreateParameters } from '../session-parameters.ts';
import type { SubscriptionData } from './objects.ts';

const TRIAL_MIN_SECONDS = 48 * 3600;

/** Whether a session's subscription begins with time for which nothing is paid. */
export function hasTrial({ subscription_data: data }: SessionCreateParameters): boolean {
  return data?.trial_end !== undefined || data?.trial_period_days !== undefined;
}

/** What a session says of its subscription; throws a StripeError for a contradiction. */
export function readSubscriptionData({
  subscription_data: data,
}: SessionCreateParameters): SubscriptionData {
  const { trial_end, trial_period_days } = data ?? {};
  if (trial_end !== undefined && trial_period_days !== undefined) {
    const message = 'You may only specify one of these parameters: trial_end, trial_period_days.';
    throw parameterError('subscription_data[trial_end]', undefined, message);
  }
  if (trial_end !== undefined && trial_end < nowSeconds() + TRIAL_MIN_SECONDS) {
    const message = 'The `trial_end` date has to be at least 2 days in the future.';
    throw parameterError('subscription_data[trial_end]', undefined, message);
  }
  return {
    description: data?.description ?? null,
    metadata: data?.metadata ?? {},
    trial_end: trial_end ?? null,
    trial_period_days: trial_period_days ?? null,
    missing_payment_method:
      data?.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
  };
}
