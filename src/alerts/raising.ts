import { sql } from 'kysely';
import { type AlertKind, canBeMailed, defaultPreference, mayHear } from '../core/alerts.ts';
import type { Trx } from '../lib/database.ts';
import { showFor } from '../lib/formatting.ts';
import { newId } from '../lib/ids.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { explain } from './explained.ts';
import { type FactsOf, readFacts } from './facts.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';

type KindAndFacts = { [Kind in AlertKind]: { kind: Kind; facts: FactsOf<Kind> } }[AlertKind];

/** Something that a workspace is to be alerted of. */
export type NewAlert = KindAndFacts & {
  workspace_id: string;
  wallet_id: string;
  livemode: boolean;
  /** What it is about: raised again only when it has ended. */
  subject: string;
  /** It stands in the list, and nobody is told: something worse is told at the same moment. */
  quiet?: boolean;
};

/** An alert that was raised now, as whoever passes it on needs it. */
export interface RaisedAlert {
  id: string;
  kind: AlertKind;
  workspace_id: string;
  wallet_id: string;
  slug: string;
  external_id: string | null;
  livemode: boolean;
  facts: object;
  raised_at: Date;
}

/**
 * Raises alerts, each once for as long as it lasts: marks them for the members who want that, and
 * writes the mails, in the caller's transaction. Test credits are told by webhook only.
 * @param trx as the ledger
 * @returns those that were not raised before
 */
export async function raise(
  trx: Trx,
  alerts: readonly NewAlert[],
  links: UnsubscribeLinks,
): Promise<RaisedAlert[]> {
  if (alerts.length === 0) return [];
  const rows = alerts.map((alert) => ({ id: newId(), ...alert }));
  const { rows: raised } = await sql<RaisedAlert>`
    with raised as (
      insert into alerts (id, workspace_id, wallet_id, livemode, kind, subject, facts)
      select * from unnest(${rows.map(({ id }) => id)}::uuid[],
        ${rows.map(({ workspace_id }) => workspace_id)}::uuid[],
        ${rows.map(({ wallet_id }) => wallet_id)}::uuid[],
        ${rows.map(({ livemode }) => livemode)}::boolean[],
        ${rows.map(({ kind }) => kind)}::text[], ${rows.map(({ subject }) => subject)}::text[],
        ${rows.map(({ facts }) => JSON.stringify(facts))}::jsonb[])
      on conflict (wallet_id, kind, subject) where ended_at is null do nothing
      returning *
    )
    select r.id, r.kind, r.workspace_id, r.wallet_id, s.slug, s.external_id, r.livemode, r.facts,
      r.raised_at
    from raised r join workspaces s on s.id = r.workspace_id order by r.id`.execute(trx);
  const quiet = new Set(rows.filter((row) => row.quiet === true).map(({ id }) => id));
  await tellMembers(
    trx,
    raised.filter(({ id, livemode }) => livemode && !quiet.has(id)),
    links,
  );
  return raised;
}

interface Member {
  workspace_id: string;
  workspace: string;
  person_id: string;
  role: 'owner' | 'admin' | 'member';
  email: string;
  time_zone: string;
  locale: string;
  chosen: Record<string, { in_page: boolean; by_mail: boolean }>;
}

async function tellMembers(
  trx: Trx,
  raised: readonly RaisedAlert[],
  links: UnsubscribeLinks,
): Promise<void> {
  const members = await membersOf(trx, raised);
  const told = raised.flatMap((alert) =>
    members
      .filter(({ workspace_id }) => workspace_id === alert.workspace_id)
      .map((member) => ({ alert, member, wants: preferenceOf(member, alert.kind) })),
  );
  const marked = told.filter(({ wants }) => wants.in_page);
  if (marked.length > 0) {
    await sql`
      insert into alert_notices (alert_id, person_id, workspace_id)
      select * from unnest(${marked.map(({ alert }) => alert.id)}::uuid[],
        ${marked.map(({ member }) => member.person_id)}::uuid[],
        ${marked.map(({ alert }) => alert.workspace_id)}::uuid[])`.execute(trx);
  }
  for (const { alert, member, wants } of told) {
    if (wants.by_mail) await mail(trx, alert, member, links);
  }
}

/** Those who are members now. Whoever has left hears of nothing. */
async function membersOf(trx: Trx, raised: readonly RaisedAlert[]): Promise<Member[]> {
  if (raised.length === 0) return [];
  const ids = [...new Set(raised.map(({ workspace_id }) => workspace_id))];
  const { rows } = await sql<Member>`
    select m.workspace_id, s.name as workspace, p.id as person_id, m.role, p.email, p.time_zone,
      p.locale, coalesce((
        select jsonb_object_agg(c.kind,
          jsonb_build_object('in_page', c.in_page, 'by_mail', c.by_mail))
        from alert_preferences c
        where c.workspace_id = m.workspace_id and c.person_id = m.person_id), '{}') as chosen
    from memberships m
    join people p on p.id = m.person_id
    join workspaces s on s.id = m.workspace_id
    where m.workspace_id = any(${ids}::uuid[]) and p.deactivated_at is null
    order by m.workspace_id, p.id`.execute(trx);
  return rows;
}

function preferenceOf({ role, chosen }: Member, kind: AlertKind) {
  const isManager = role !== 'member';
  if (!mayHear(kind, isManager)) return { in_page: false, by_mail: false };
  const { in_page, by_mail } = chosen[kind] ?? defaultPreference(kind, isManager);
  return { in_page, by_mail: by_mail && canBeMailed(kind) };
}

async function mail(
  trx: Trx,
  alert: RaisedAlert,
  member: Member,
  links: UnsubscribeLinks,
): Promise<void> {
  const { workspace_id, slug, kind } = alert;
  const { person_id, workspace, email, time_zone, locale } = member;
  const reader = { time_zone, locale };
  const said = explain(readFacts(kind, alert.facts), showFor(reader));
  // What acts is a button on a page: links of mails are followed by programs that look for viruses.
  const action =
    said.key === undefined
      ? { label: said.action.label, href: `/w/${slug}${said.action.path}` }
      : { label: 'Look at it, and pause the key', href: `/w/${slug}/alerts/${alert.id}` };
  const rendered = renderMail('alert.raised', { ...said, workspace, action }, reader);
  await sendMail(trx, {
    ...rendered,
    key: `alert.raised ${alert.id} ${person_id}`,
    ...{ to_address: email, workspace_id, person_id },
    unsubscribe_path: links.pathFor({ workspace_id, person_id, kind }),
  });
}
