import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';
import type { SecretBox } from '../lib/secret-box.ts';
import { openedSecret } from './secrets.ts';
import { type Reach, type Sent, post } from './send.ts';
import { signedHeaders } from './signatures.ts';

/**
 * How long after a failed attempt the next one comes, at least: in all three days. A tenth more by
 * chance, so that what failed together does not come back together.
 */
export const PAUSES_SECONDS = [
  10,
  60,
  5 * 60,
  30 * 60,
  2 * 3_600,
  5 * 3_600,
  10 * 3_600,
  14 * 3_600,
  20 * 3_600,
  21 * 3_600,
];
const JITTER = 0.1;

/** An endpoint is paused when nothing was delivered to it for so long, and so often. */
const FAILING_DAYS = 3;
const FAILURES_MIN = 10;

const ENDPOINTS_AT_ONCE = 50;
const SENT_AT_ONCE = 5;
/** When a process ends while it sends, another one tries again after this. */
const LEASE_SECONDS = 120;
/** No more is begun for an endpoint after so long, so that others have their turn. */
const TURN_MILLISECONDS = 5_000;

interface Claimed {
  id: string;
  message_id: string;
  body: string;
  attempts: number;
  url: string;
  secret: string;
  previous_secret: string | null;
}

export interface Delivering {
  /** As the ledger. */
  db: Db;
  /** Where the secrets of endpoints are kept. */
  secrets: SecretBox;
  reach: Reach;
  log: Logger;
}

/**
 * Sends what is due, to many endpoints at once and to each some at a time. An attempt is written down
 * before it is made: whoever ends in the middle of one has made it, and the message goes out again
 * with the same id. Several processes share the work.
 */
export async function deliverDue(context: Delivering): Promise<void> {
  const { rows } = await sql<{ id: string; failures: number }>`
    select e.id, e.failures from webhook_endpoints e cross join lateral (
      select next_attempt_at from webhook_deliveries
      where endpoint_id = e.id and next_attempt_at is not null
      order by next_attempt_at limit 1) d
    where e.paused_at is null and d.next_attempt_at <= now()
    order by d.next_attempt_at limit ${ENDPOINTS_AT_ONCE}`.execute(context.db);
  await Promise.all(rows.map((endpoint) => deliverTo(context, endpoint)));
}

async function deliverTo(
  context: Delivering,
  endpoint: { id: string; failures: number },
): Promise<void> {
  const until = performance.now() + TURN_MILLISECONDS;
  // One that fails is asked once in a turn: others do not wait for it, nor does it get all at once.
  const most = endpoint.failures > 0 ? 1 : SENT_AT_ONCE;
  for (;;) {
    const claimed = await claim(context.db, endpoint.id, most);
    const sent = await Promise.all(claimed.map((one) => deliver(context, endpoint.id, one)));
    const goesOn = sent.length === most && sent.every((delivered) => delivered);
    if (!goesOn || performance.now() > until) return;
  }
}

async function claim(db: Db, endpointId: string, most: number): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    with due as materialized (
      select id from webhook_deliveries
      where endpoint_id = ${endpointId} and next_attempt_at <= now()
      order by next_attempt_at limit ${most} for update skip locked
    )
    update webhook_deliveries d
    set attempts = d.attempts + 1, attempted_at = now(),
      next_attempt_at = now() + ${LEASE_SECONDS} * interval '1 second'
    from due, webhook_endpoints e
    where d.id = due.id and e.id = d.endpoint_id and e.paused_at is null
    returning d.id, d.message_id, d.body, d.attempts, e.url, e.secret,
      case when e.previous_secret_until > now() then e.previous_secret end as previous_secret`.execute(
    db,
  );
  return rows;
}

/** Whether it was delivered. */
async function deliver(context: Delivering, endpointId: string, one: Claimed): Promise<boolean> {
  const sent = await send(context, endpointId, one);
  if ('status' in sent && sent.status >= 200 && sent.status < 300) {
    await keepSuccess(context.db, endpointId, one, sent);
    return true;
  }
  await keepFailure(context, endpointId, one, sent);
  return false;
}

async function send(
  { secrets, reach, log }: Delivering,
  endpointId: string,
  { message_id: id, body, url, secret, previous_secret }: Claimed,
): Promise<Sent> {
  const stored = previous_secret === null ? [secret] : [secret, previous_secret];
  const opened = stored.flatMap((one) => openedSecret(secrets, one, endpointId) ?? []);
  if (opened.length < stored.length) {
    log.error({ endpoint: endpointId }, 'ENCRYPTION_KEY does not open the secret of an endpoint');
    return { fault: 'The seller could not sign the message, and has been told.' };
  }
  const headers = signedHeaders(opened, { id, body }, new Date());
  return post(url, { headers, body }, reach);
}

async function keepSuccess(
  db: Db,
  endpointId: string,
  { id }: Claimed,
  { status, answer }: { status: number; answer: string },
): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ delivered_at: sql`now()`, next_attempt_at: null, status, answer, error: null })
    .where('id', '=', id)
    .execute();
  await db
    .updateTable('webhook_endpoints')
    .set({ failures: 0, failing_since: null })
    .where('id', '=', endpointId)
    .where('failures', '>', 0)
    .execute();
}

async function keepFailure(
  { db, log }: Delivering,
  endpointId: string,
  { id, attempts }: Claimed,
  sent: Sent,
): Promise<void> {
  const [status, answer, error] =
    'status' in sent ? [sent.status, sent.answer, null] : [null, null, sent.fault];
  const seconds = PAUSES_SECONDS[attempts - 1];
  const wait = seconds === undefined ? null : seconds * (1 + JITTER * Math.random());
  await db
    .updateTable('webhook_deliveries')
    .set({
      ...{ status, answer, error },
      next_attempt_at: wait === null ? null : sql`now() + ${wait} * interval '1 second'`,
    })
    .where('id', '=', id)
    .execute();
  const { rows } = await sql<{ paused_reason: string }>`
    with failed as (
      update webhook_endpoints
      set failures = failures + 1, failing_since = coalesce(failing_since, now())
      where id = ${endpointId} returning id, failures, failing_since, paused_at
    )
    select case
      when paused_at is not null then null
      when ${status === 410} then 'gone'
      when failures >= ${FAILURES_MIN}
        and failing_since <= now() - ${FAILING_DAYS} * interval '1 day' then 'failing' end
      as paused_reason
    from failed`.execute(db);
  const reason = rows[0]?.paused_reason;
  if (reason !== 'gone' && reason !== 'failing') return;
  await db
    .updateTable('webhook_endpoints')
    .set({ paused_at: sql`now()`, paused_reason: reason })
    .where('id', '=', endpointId)
    .where('paused_at', 'is', null)
    .execute();
  log.warn({ endpoint: endpointId, reason }, 'a webhook endpoint was paused');
}
