import { z } from 'zod';

interface Plan {
  'Node Type': string;
  'Relation Name'?: string | undefined;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number | undefined;
  Plans?: Plan[] | undefined;
}
const Plan: z.ZodType<Plan> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  Plans: z.lazy(() => z.array(Plan)).optional(),
});
const Explained = z.array(z.object({ 'QUERY PLAN': z.array(z.object({ Plan })) }));

/** How what was explained finds its rows: the tables that are scanned whole, and the rows looked at. */
export function costOfPlans(explained: readonly unknown[]): { scanned: string[]; rows: number } {
  const scanned: string[] = [];
  let rows = 0;
  const look = (plan: Plan): void => {
    const table = plan['Relation Name'];
    if (table !== undefined) {
      const each = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
      rows += each * plan['Actual Loops'];
      if (plan['Node Type'] === 'Seq Scan') scanned.push(table);
    }
    for (const one of plan.Plans ?? []) look(one);
  };
  for (const row of Explained.parse(explained)) {
    for (const { Plan: plan } of row['QUERY PLAN']) look(plan);
  }
  return { scanned, rows };
}
