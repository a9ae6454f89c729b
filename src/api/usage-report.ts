import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { type Instant, parseRfc3339, rfc3339 } from '../core/instant.ts';
import { type EndingWindow, windowsBetween } from '../core/periods.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { timeZoneNamed } from '../core/time-zones.ts';
import { usageIn } from '../ledger/totals.ts';
import { readWorkspace } from '../lib/database.ts';
import { creditsAnswer, instantAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { reading } from './endpoint.ts';
import { instantField, invalidField, whoseFields } from './fields.ts';

const GROUPS = ['operation', 'hour', 'day', 'week', 'month'] as const;
type Group = (typeof GROUPS)[number];

/** A month of hours, two years of days. */
const WINDOWS_MAX = 750;
const DAYS_MAX = 750n;
const DAY: Instant = 86_400_000_000n;
const QUARTER_HOUR: Instant = 900_000_000n;
/** Time zones are whole quarter hours from UTC since 1972. */
const EARLIEST = parseRfc3339('2000-01-01T00:00:00Z') ?? 0n;
const LATEST = parseRfc3339('2200-01-01T00:00:00Z') ?? 0n;

const timeField = instantField.refine(
  (instant) => instant >= EARLIEST && instant <= LATEST,
  'Give a time from 2000 to 2200.',
);

/** One of the zones that there are, in the one spelling that it has inside. */
const zoneField = z
  .string()
  .meta({ examples: ['Europe/Berlin'] })
  .transform((text, context): string => {
    const zone = timeZoneNamed(text);
    if (zone !== undefined) return zone;
    context.addIssue('Give a time zone by its IANA name: "Europe/Berlin".');
    return z.NEVER;
  });

const UsageRequest = z
  .strictObject({
    ...whoseFields,
    from: timeField,
    to: timeField,
    group_by: z
      .enum(GROUPS, `Give one of ${GROUPS.join(', ')}.`)
      .default('operation')
      .meta({ description: 'By operation alone, or by hour, day, week or month too.' }),
    time_zone: zoneField.default('UTC').meta({
      default: 'UTC',
      description:
        'A time zone by its IANA name: whose hours, days, weeks from Monday and months they are.',
    }),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'Give a time after from.' })
  .refine(({ from, to }) => to - from <= DAYS_MAX * DAY, {
    path: ['to'],
    message: `Ask for at most ${DAYS_MAX} days.`,
  });

const UsageResponse = z.strictObject({
  ...whoseAnswer,
  usage: z.array(
    z.strictObject({
      starts_at: instantAnswer,
      ends_at: instantAnswer,
      operation: z.string(),
      charges: z.int().meta({ description: 'How often it was charged.' }),
      quantity: z.string().meta({ description: 'In the unit of the operation.' }),
      amount: creditsAnswer.meta({ description: 'What was charged, less what was refunded.' }),
    }),
  ),
});

export const getUsage = reading({
  id: 'usage',
  path: '/usage',
  scope: 'usage:read',
  summary:
    'What was used of each operation, by when it happened. Told are whole windows: from the one in which `from` lies to that of the last moment before `to`.',
  request: UsageRequest,
  example: {
    customer: 'user-42',
    from: '2026-11-01T00:00:00Z',
    to: '2026-12-01T00:00:00Z',
    group_by: 'day',
    time_zone: 'Europe/Berlin',
  },
  response: UsageResponse,
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const windows = windowsOf(read.request);
    const usage = await readWorkspace(connections.app, workspace_id, (trx) =>
      usageIn(trx, wallet_id, windows),
    );
    const body: z.output<typeof UsageResponse> = {
      ...whoseOf(read),
      usage: usage.map(({ window, ...total }) => ({
        starts_at: rfc3339(window.starts_at),
        ends_at: rfc3339(window.ends_at),
        operation: total.operation,
        charges: Number(total.charges),
        quantity: shortestDecimal(total.quantity, QUANTITY_DECIMALS),
        amount: decimalCredits(total.spent_micro),
      })),
    };
    return { status: 200, body };
  },
});

/** @throws AppError 400 for more windows than one answer has */
function windowsOf(request: {
  from: Instant;
  to: Instant;
  group_by: Group;
  time_zone: string;
}): EndingWindow[] {
  const { from, to, group_by, time_zone } = request;
  if (group_by === 'operation') {
    const starts_at = from - (from % QUARTER_HOUR);
    const before = to + QUARTER_HOUR - 1n;
    return [{ starts_at, ends_at: before - (before % QUARTER_HOUR) }];
  }
  const windows = windowsBetween(group_by, time_zone, { from, to }, WINDOWS_MAX);
  if (windows !== undefined) return windows;
  throw invalidField('to', `Ask for at most ${WINDOWS_MAX} of these.`);
}
