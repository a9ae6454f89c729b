import { sql } from 'kysely';
import {
  type MovedRow,
  type MovingForm,
  type ReadLine,
  OPENS_BALANCES,
} from '../../core/moving-in.ts';
import type { Db } from '../../lib/database.ts';
import { emailField, nameField, normalizeEmail } from '../../people/fields.ts';

/** A line of a file that is read, or why it is not. */
export type Line = { line: number } & ReadLine;

/** A line as it waits in the database to be taken in. */
export interface Staged extends Omit<MovedRow, 'amount_micro' | 'at'> {
  line: number;
  ref: string;
  amount: bigint;
  at: string | null;
  email_normalized: string | null;
  /** Whose it is, where that is known. */
  workspace_id: string | null;
}

export interface Fault {
  line: number;
  fault: string;
}

const LINES_AT_ONCE = 1_000;

/**
 * Puts the lines of a file into a table of this connection, where they can be compared with each
 * other and with what is there, however many they are.
 * @param db one connection, which reads everything
 */
export async function stage(db: Db, lines: AsyncIterable<Line>): Promise<void> {
  await sql`drop table if exists moving`.execute(db);
  await sql`create temporary table moving (
    line bigint primary key, account text, email text, email_normalized text, name text, ref text,
    amount bigint, kind text, description text, at timestamptz, source text,
    outcome text not null, why text, workspace_id uuid, known boolean not null default false)`.execute(
    db,
  );
  let batch: object[] = [];
  for await (const line of lines) {
    batch.push(rowOf(line));
    if (batch.length < LINES_AT_ONCE) continue;
    await put(db, batch);
    batch = [];
  }
  await put(db, batch);
  await sql`analyze moving`.execute(db);
}

async function put(db: Db, rows: readonly object[]): Promise<void> {
  await sql`insert into moving select * from json_populate_recordset(null::moving, ${JSON.stringify(rows)})`.execute(
    db,
  );
}

function rowOf(line: Line): object {
  const shared = { line: line.line, known: false };
  if (line.outcome !== 'row') return { ...shared, outcome: line.outcome, why: line.why };
  const { amount_micro, ...row } = line.row;
  const texts = { ...row, description: row.description.slice(0, DESCRIPTION_MAX) };
  const fault = unfit(row);
  if (fault !== undefined) return { ...shared, outcome: 'fault', why: fault };
  return {
    ...shared,
    ...texts,
    outcome: 'row',
    amount: String(amount_micro),
    email_normalized: row.email === undefined ? null : normalizeEmail(row.email),
  };
}

const DESCRIPTION_MAX = 500;

/** What the database or the pages of people would not take. */
function unfit(row: Omit<MovedRow, 'amount_micro'>): string | undefined {
  if (Object.values(row).some((text) => text?.includes('\0') === true)) {
    return 'There is a character of number 0 in it.';
  }
  const email = emailField.safeParse(row.email ?? 'nobody@example.com');
  const name = nameField.safeParse(row.name ?? 'Nobody');
  return email.error?.issues[0]?.message ?? name.error?.issues[0]?.message;
}

/** Finds whose the lines are and which were taken in before, and what is wrong with them. */
export async function compare(db: Db, form: MovingForm, system: string): Promise<void> {
  // A line without a name of its own is known by what it says, and the how manieth of its kind it is.
  await sql`update moving m set ref = 'like ' || named.ref from (
      select line, md5(concat_ws(chr(31), account, amount, kind, description, at)) || ' ' ||
        row_number() over (partition by account, amount, kind, description, at order by line) as ref
      from moving where outcome = 'row' and ref is null) named
    where m.line = named.line`.execute(db);
  await twice(db, 'ref', 'The same id stands in line');
  await sql`update moving m set workspace_id = a.workspace_id from moved_in_accounts a
    where a.system = ${system} and a.account = m.account`.execute(db);
  await sql`update moving m set known = true,
      outcome = case when r.amount = m.amount then outcome else 'fault' end,
      why = case when r.amount <> m.amount
        then 'It was moved in before, with another amount: what is moved in stays.' end
    from moved_in_rows r
    where r.system = ${system} and r.form = ${form} and r.ref = m.ref and m.outcome = 'row'`.execute(
    db,
  );
  if (form === 'users') await comparePeople(db);
  else {
    await sql`update moving set outcome = 'fault',
        why = 'There is no account ' || account || ': move in the users first.'
      where outcome = 'row' and workspace_id is null`.execute(db);
  }
}

async function comparePeople(db: Db): Promise<void> {
  await twice(db, 'email_normalized', 'The same address stands in line');
  await sql`update moving set known = true where workspace_id is not null and amount = 0`.execute(
    db,
  );
  // Whoever signed up with an address has to have shown that it is theirs before they get its credits.
  await sql`update moving m
    set workspace_id = case when shown then own.id end,
      outcome = case when shown and own.id is not null then m.outcome else 'fault' end,
      why = case when not shown then 'Somebody signed up with this address and has not verified it.'
        when own.id is null then 'The account with this address is closed.' end
    from (select p.id, p.email_normalized, p.email_verified_at is not null as shown,
        p.deactivated_at from people p) person
      left join lateral (select w.id from memberships s join workspaces w on w.id = s.workspace_id
        where s.person_id = person.id and w.kind = 'personal' and person.deactivated_at is null
          and w.deactivated_at is null limit 1) own on true
    where m.email_normalized = person.email_normalized and m.outcome = 'row'
      and m.workspace_id is null`.execute(db);
}

async function twice(db: Db, column: 'ref' | 'email_normalized', sentence: string): Promise<void> {
  await sql`update moving m
    set outcome = 'fault', why = ${sentence} || ' ' || same.first_line || ' too.'
    from (select line, min(line) over (partition by ${sql.ref(column)}) as first_line
      from moving where outcome = 'row') same
    where m.line = same.line and same.first_line < m.line`.execute(db);
}

/** What a file comes to. */
export interface Count {
  outcome: Line['outcome'];
  why: string | null;
  known: boolean;
  lines: bigint;
  amount: bigint;
  people: bigint;
}

export async function countStaged(db: Db): Promise<Count[]> {
  const counted = await sql<Count>`
    select outcome, case when outcome = 'left_out' then why end as why, known, count(*) as lines,
      coalesce(sum(amount), 0)::bigint as amount,
      count(*) filter (where workspace_id is null) as people
    from moving group by 1, 2, 3 order by 1, 2, 3`.execute(db);
  return counted.rows;
}

export async function faultsIn(db: Db, limit: number): Promise<Fault[]> {
  const { rows } = await sql<{ line: bigint; why: string }>`
    select line, why from moving where outcome = 'fault' order by line limit ${limit}`.execute(db);
  return rows.map(({ line, why }) => ({ line: Number(line), fault: why }));
}

/** What is to be taken in, some lines at a time in their order. */
export async function* toTakeIn(db: Db, size: number): AsyncGenerator<Staged[]> {
  for (let after = 0; ;) {
    const { rows } = await sql<Omit<Staged, 'line'> & { line: bigint }>`
      select line, account, email, email_normalized, name, ref, amount, kind, description,
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, source, workspace_id
      from moving where outcome = 'row' and not known and line > ${after}
      order by line limit ${size}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = Number(last.line);
    yield rows.map((row) => ({ ...row, line: Number(row.line) }));
  }
}

/**
 * What the file comes to, beside what is kept of its lines and what the ledger granted for them:
 * three sums that are one.
 */
export async function sumsOf(db: Db, form: MovingForm, system: string) {
  const { rows } = await sql<{ in_file: bigint; kept: bigint; granted: bigint }>`
    select coalesce(sum(m.amount), 0)::bigint as in_file,
      coalesce(sum(r.amount), 0)::bigint as kept,
      coalesce(sum(e.amount), 0)::bigint as granted
    from moving m left join moved_in_rows r
        on r.system = ${system} and r.form = ${form} and r.ref = m.ref
      left join wallets w on w.workspace_id = r.workspace_id and w.livemode
      left join entries e on e.wallet_id = w.id and e.seq = r.entry_seq
    where m.outcome = 'row'`.execute(db);
  const [sums] = rows;
  if (sums === undefined) throw new Error('there are no sums');
  return OPENS_BALANCES.has(form) ? sums : { ...sums, granted: undefined };
}
