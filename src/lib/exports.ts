import { type RawBuilder, sql } from 'kysely';

/** A row as it is handed out. */
export type ExportRow = Record<string, string | number | bigint | boolean | object | null>;

/** From the one moment on, and before the other; of one workspace, or of all. */
export interface ExportPeriod {
  from: Date;
  until: Date;
  workspace_id: string | undefined;
}

/** What was changed in a period, by whom, from where and why. */
export function auditToExport({ from, until, workspace_id }: ExportPeriod): RawBuilder<ExportRow> {
  return sql`
    select id, at, workspace_id, actor_kind, actor_id, action, subject_kind, subject_id, before, after,
      reason, host(ip) as ip, request_id
    from audit_events
    where at >= ${from} and at < ${until}
      and (${workspace_id ?? null}::uuid is null or workspace_id = ${workspace_id ?? null})
    order by id`;
}

/** Whole numbers and times as text, so that no reader rounds them. */
export function plainCell(value: ExportRow[string]): string | boolean | object | null {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
}
