import { sql } from 'kysely';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Connections } from '../lib/database.ts';
import type { Job } from '../lib/jobs.ts';
import { programmeNow } from './milestone-programme.ts';
import { type MilestoneProgramme, rewardWorkspace } from './milestones.ts';

/** A transaction that was under way at the last look may have been written by now. */
const OVERLAP_MILLISECONDS = 5 * 60_000;

/** Gives the rewards of first steps and achievements, within about a minute. */
export function milestoneJobs(connections: Connections, catalogue: ReadCatalogue): Job[] {
  return [
    {
      name: 'milestones.reward',
      cron: '* * * * *',
      run: async () => rewardAll(connections, await programmeNow(catalogue)),
    },
  ];
}

/** Looks at the workspaces in which something was done since the last time, or shortly before. */
export async function rewardAll(
  { app, staff }: Pick<Connections, 'app' | 'staff'>,
  programme: MilestoneProgramme,
): Promise<void> {
  const until = new Date();
  const { done_until } = await app
    .selectFrom('milestone_progress')
    .select('done_until')
    .executeTakeFirstOrThrow();
  const from = new Date((done_until ?? until).getTime() - OVERLAP_MILLISECONDS);
  const { rows } = await sql<{ workspace_id: string }>`
    select w.workspace_id from entries e join wallets w on w.id = e.wallet_id
    where e.recorded_at >= ${from} and w.livemode
    union
    select workspace_id from audit_events
    where id >= ${firstIdAt(from)} and workspace_id is not null
    union
    select m.workspace_id from audit_events a
    join memberships m on m.person_id::text = a.subject_id and m.role = 'owner'
    where a.id >= ${firstIdAt(from)} and a.subject_kind = 'person'`.execute(staff);
  for (const { workspace_id } of rows) await rewardWorkspace(app, workspace_id, programme);
  await app.updateTable('milestone_progress').set({ done_until: until }).execute();
}

/** The least id that was made at a moment: ids begin with their time. */
function firstIdAt(at: Date): string {
  const digits = at.getTime().toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}
