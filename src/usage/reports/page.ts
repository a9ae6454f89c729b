import { changeInTenths, changeInWords, percentOf, shareOf } from '../../core/changes.ts';
import { shortestDecimal } from '../../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../../core/price-rules.ts';
import type { RangeName } from '../../core/usage-ranges.ts';
import { type GroupUsed, NOBODY, type UsageGroup } from '../../ledger/usage-reports.ts';
import { type Show, plural } from '../../lib/formatting.ts';
import type { FormState } from '../../lib/forms.ts';
import type { ShownWorkspace } from '../../workspaces/workspaces.ts';
import { spendChart } from '../charts/spend-chart.ts';
import { rangeLinks } from '../day-ranges.ts';
import { type Filters, NONE, urlWith } from '../filters.ts';
import { type Choices, nameOf, unitOf } from './names.ts';
import type { UsageQuery } from './query.ts';
import type { UsageReport } from './usage-report.ts';

const GROUP_NAMES: Record<UsageGroup, { label: string; heading: string }> = {
  operation: { label: 'Operation', heading: 'By operation' },
  key: { label: 'Key', heading: 'By API key' },
  member: { label: 'Member', heading: 'By member' },
  customer: { label: 'Customer', heading: 'By customer' },
};

/** A customer's visitors see no keys and members: those are of the product that it is a customer of. */
export function groupsFor({ kind }: Pick<ShownWorkspace, 'kind'>): UsageGroup[] {
  return kind === 'external'
    ? ['operation', 'customer']
    : ['operation', 'key', 'member', 'customer'];
}

/** The links and the form of a usage page, with or without a report beneath. */
export function usageControls(
  workspace: ShownWorkspace,
  query: UsageQuery | undefined,
  form: Pick<FormState, 'values' | 'errors'>,
  choices: Choices,
) {
  const base = `${workspace.base}/usage`;
  const { range, group = 'operation', filters = {} } = query ?? {};
  const own = query !== undefined && range === undefined ? query.days : {};
  const link = (more: { range?: RangeName | undefined; group?: UsageGroup }) =>
    urlWith(base, { ...filters, ...(more.range === undefined ? own : {}), group, range, ...more });
  return {
    base,
    form,
    choices,
    group,
    is_narrowed: Object.values(filters).some((value) => value !== undefined),
    is_open: Object.keys(form.errors).length > 0 || (query !== undefined && range === undefined),
    everything: urlWith(base, { group, range, ...own }),
    ranges: rangeLinks(range, (name) => urlWith(base, { ...filters, group, range: name })),
    groups: groupsFor(workspace).map((name) => ({
      name,
      label: GROUP_NAMES[name].label,
      href: link({ group: name }),
      current: name === group,
    })),
  };
}

/** The report in words and links: a chart, a table, and where each row leads. */
export function usagePage(
  workspace: ShownWorkspace,
  report: UsageReport,
  choices: Choices,
  show: Show,
) {
  const { query, total, groups, others, unnamed } = report;
  const { days, group, filters, range } = query;
  const period = report.days_count === 1 ? '1 day' : `${report.days_count} days`;
  const before = {
    name: report.days_count === 1 ? 'Day before' : `${period} before`,
    total_micro: total.before_micro,
  };
  const asked = { ...filters, group, ...(range === undefined ? days : { range }) };
  const history = (more: Partial<Filters>) =>
    urlWith(`${workspace.base}/history`, { ...days, ...filters, kind: 'usage', ...more });
  const file = (name: string, fields: object) => ({
    csv: urlWith(`${workspace.base}/${name}.csv`, fields),
    json: urlWith(`${workspace.base}/${name}.json`, fields),
  });
  const row = (used: GroupUsed, name: string, href?: string) => ({
    ...rowOf(used, total.spent_micro),
    name,
    href,
    detail: usedInWords(used, unitOf(group, used, choices), show),
  });
  const rest = others.count === 1 ? '1 more' : `${show.count(others.count)} more`;
  return {
    period,
    before,
    total_micro: total.spent_micro,
    charges: total.charges,
    change: changeInWords(total.spent_micro, total.before_micro),
    is_empty: total.charges === 0n && total.spent_micro === 0n && total.before_micro === 0n,
    heading: GROUP_NAMES[group].heading,
    column: GROUP_NAMES[group].label,
    history: history({}),
    table_files: file('usage', asked),
    entry_files: file('history', { ...days, ...filters, kind: 'usage' }),
    rows: [
      ...groups.map((one) =>
        row(one, nameOf(group, one.value, choices), linkOf(group, one.value, history)),
      ),
      ...(others.count === 0 ? [] : [row(others, `Other, ${rest}`)]),
      ...(unnamed === undefined || isNothing(unnamed)
        ? []
        : [row(unnamed, nameOf(group, '', choices))]),
    ],
    chart: spendChart(
      {
        id: 'usage',
        unit: report.unit,
        buckets: report.buckets.map((one) => ({
          starts_at: one.starts_at,
          amount: one.used.spent_micro,
          before: one.before_micro,
          href: history(one.days),
        })),
        ends_at: report.buckets.at(-1)?.ends_at ?? new Date(0),
        is_unfinished: report.is_unfinished,
        period,
        before: { name: before.name, total: before.total_micro },
      },
      show,
    ),
  };
}

function linkOf(
  group: UsageGroup,
  value: string,
  history: (more: Partial<Filters>) => string,
): string | undefined {
  return value === '' ? undefined : history({ [group]: value === NOBODY ? NONE : value });
}

function isNothing({ charges, spent_micro, before_micro }: GroupUsed): boolean {
  return charges === 0n && spent_micro === 0n && before_micro === 0n;
}

function rowOf({ spent_micro, before_micro }: GroupUsed, all: bigint) {
  const change = changeInTenths(spent_micro, before_micro);
  return {
    spent_micro,
    before_micro,
    share: shareOf(spent_micro, all),
    /** In hundredths of the meter. */
    share_width: all > 0n && spent_micro > 0n ? Number((spent_micro * 10_000n) / all) / 100 : 0,
    change:
      change === undefined
        ? spent_micro > 0n
          ? 'new'
          : ''
        : `${change > 0n ? '+' : ''}${percentOf(change)}`,
  };
}

/** "1,204 charges, 279 min": what stands under a name. */
function usedInWords(used: GroupUsed, unit: string | undefined, show: Show): string {
  const often = `${show.count(used.charges)} ${plural('charge', used.charges)}`;
  if (unit === undefined) return often;
  const quantity = shortestDecimal(used.quantity, QUANTITY_DECIMALS);
  return `${often}, ${grouped(quantity)} ${plural(unit, quantity)}`;
}

function grouped(quantity: string): string {
  const [whole = '', fraction] = quantity.split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',').replace('-', '−');
  return fraction === undefined ? text : `${text}.${fraction}`;
}
