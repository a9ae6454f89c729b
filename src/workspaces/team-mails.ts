import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';

interface TellOf {
  id: string;
  name: string;
  slug: string;
}

/** An invitation as its mail tells of it. */
export interface ToldInvitation {
  id: string;
  email: string;
  role: 'admin' | 'member';
  invited_by: string;
  expires_at: Date;
  times_sent: number;
}

/** Brings the link, whose token stands nowhere else. */
export async function mailInvitation(
  trx: Trx,
  workspace: TellOf,
  invitation: ToldInvitation,
  path: string,
): Promise<void> {
  const { id, email, role, invited_by, expires_at, times_sent } = invitation;
  const by = await personOf(trx, invited_by);
  const data = { workspace: workspace.name, by: by.name, role, email, expires_at, path };
  await sendMail(trx, {
    ...renderMail('invitation.sent', data),
    key: `invitation.sent ${id} ${times_sent}`,
    to_address: email,
    workspace_id: workspace.id,
  });
}

/** Both hear who owns the workspace now. */
export async function mailOwnership(
  trx: Trx,
  workspace: TellOf,
  { by, to }: { by: string; to: string },
): Promise<void> {
  const [from, next] = [await personOf(trx, by), await personOf(trx, to)];
  const reason = newId();
  for (const person of [from, next]) {
    const data = {
      workspace: workspace.name,
      from: from.name,
      to: next.name,
      is_new: person === next,
      path: `/w/${workspace.slug}/team`,
    };
    await tell(trx, workspace, person, 'workspace.transferred', reason, data);
  }
}

/** Whoever was taken out is told by whom. */
export async function mailRemoved(
  trx: Trx,
  workspace: TellOf,
  { by, to }: { by: string; to: string },
): Promise<void> {
  const [who, person] = [await personOf(trx, by), await personOf(trx, to)];
  const data = { workspace: workspace.name, by: who.name };
  await tell(trx, workspace, person, 'member.removed', newId(), data);
}

type Person = Awaited<ReturnType<typeof personOf>>;

async function personOf(trx: Trx, id: string) {
  return trx
    .selectFrom('people')
    .select(['id', 'name', 'email', 'time_zone', 'locale'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

async function tell(
  trx: Trx,
  workspace: TellOf,
  { id, email, time_zone, locale }: Person,
  kind: string,
  reason: string,
  data: object,
): Promise<void> {
  await sendMail(trx, {
    ...renderMail(kind, data, { time_zone, locale }),
    key: `${kind} ${reason} ${id}`,
    to_address: email,
    workspace_id: workspace.id,
    person_id: id,
  });
}
