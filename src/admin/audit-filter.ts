import type { Request, Response } from 'express';
import { z } from 'zod';
import { dateOf } from '../core/instant.ts';
import { isDay, windowOfDays } from '../core/usage-ranges.ts';
import type { Db } from '../lib/database.ts';
import type { FormState } from '../lib/forms.ts';
import { readerOf } from '../lib/rendering.ts';
import { normalizeEmail } from '../people/people.ts';
import { type AuditFilter, personNamed, workspaceNamed } from '../workspaces/audit-reports.ts';

const ACTORS = ['person', 'api_key', 'customer', 'payment', 'job', 'system'] as const;
const ActorKind = z.enum(ACTORS);
const text = z.string().trim().max(300).catch('').default('');
const Query = z.object({
  actor: text,
  action: text,
  about: text,
  workspace: text,
  from: text,
  to: text,
});

export type AuditQuery = { filter: AuditFilter | undefined; form: FormState; address: string };

/** What a page of the audit is asked for; without a filter where a field cannot be meant. */
export async function auditQueryOf(staff: Db, req: Request, res: Response): Promise<AuditQuery> {
  const values = Query.parse(req.query);
  const errors: Record<string, string> = {};
  const filled = Object.entries(values).filter(([, value]) => value !== '');
  const actor = await actorIn(staff, values.actor);
  if (actor === null) errors['actor'] = 'Nobody has this address or id.';
  const workspace_id = await workspaceIn(staff, values.workspace);
  if (workspace_id === null) errors['workspace'] = 'No workspace is called so.';
  for (const name of ['from', 'to'] as const) {
    if (values[name] !== '' && !isDay(values[name])) errors[name] = 'Enter a day as 2026-12-31.';
  }
  const isGood = Object.keys(errors).length === 0;
  return {
    form: { values, errors },
    address: new URLSearchParams(filled).toString(),
    filter: isGood
      ? {
          actor: actor ?? undefined,
          action: values.action || undefined,
          subject: subjectIn(values.about),
          workspace_id: workspace_id ?? undefined,
          ...daysIn(values, readerOf(res).time_zone),
        }
      : undefined,
  };
}

/** Null: it is said, and nobody is meant. */
async function actorIn(staff: Db, said: string): Promise<AuditFilter['actor'] | null> {
  if (said === '') return undefined;
  const kind = ActorKind.safeParse(said);
  if (kind.success) return { kind: kind.data };
  if (z.uuid().safeParse(said).success) return { id: said.toLowerCase() };
  const id = await personNamed(staff, normalizeEmail(said));
  return id === undefined ? null : { id };
}

async function workspaceIn(staff: Db, said: string): Promise<string | undefined | null> {
  return said === '' ? undefined : ((await workspaceNamed(staff, said)) ?? null);
}

/** "payment", "payment 0190…" or an id alone. */
function subjectIn(said: string): AuditFilter['subject'] {
  if (said === '') return undefined;
  const [first = '', second] = said.split(/\s+/);
  if (second !== undefined) return { kind: first, id: second };
  return /^[a-z_]+$/.test(first) ? { kind: first } : { id: first };
}

function daysIn({ from, to }: { from: string; to: string }, zone: string) {
  return {
    from: from === '' ? undefined : dateOf(windowOfDays(zone, { from, to: from }).starts_at),
    until: to === '' ? undefined : dateOf(windowOfDays(zone, { from: to, to }).ends_at),
  };
}
