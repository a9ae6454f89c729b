import { decimalCredits } from '../../core/credits.ts';
import { shortestDecimal } from '../../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../../core/price-rules.ts';
import type { GroupUsed, UsageGroup } from '../../ledger/usage-reports.ts';
import { type Choices, nameOf, unitOf } from '../reports/names.ts';
import type { UsageReport } from '../reports/usage-report.ts';
import type { Cell } from './entry-columns.ts';

/** The rows of the usage table, and what its days come to. */
export function usageRows(report: UsageReport, choices: Choices): Record<string, Cell>[] {
  const { query, groups, others, unnamed, before } = report;
  const { group, days } = query;
  const row = (used: GroupUsed, name: string) => {
    const unit = unitOf(group, used, choices);
    const quantity = shortestDecimal(used.quantity, QUANTITY_DECIMALS);
    return {
      from: days.from,
      to: days.to,
      [group]: name,
      [`${group}_id`]: used.value,
      charges: { number: String(used.charges) },
      quantity: unit === undefined ? null : { number: quantity },
      unit: unit ?? null,
      spent: { number: decimalCredits(used.spent_micro) },
      before_from: before.from,
      before_to: before.to,
      spent_before: { number: decimalCredits(used.before_micro) },
    };
  };
  return [
    ...groups.map((one) => row(one, nameOf(group, one.value, choices))),
    ...(others.count === 0 ? [] : [row(others, `Other, ${others.count} more`)]),
    ...(unnamed === undefined ? [] : [row(unnamed, nameOf(group, '', choices))]),
  ];
}

/** The columns of a file, by what usage is grouped by. */
export function usageColumns(group: UsageGroup): string[] {
  return [
    ...['from', 'to', group, `${group}_id`, 'charges', 'quantity', 'unit', 'spent'],
    ...['before_from', 'before_to', 'spent_before'],
  ];
}
