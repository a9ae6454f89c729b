import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

const NOTES_SHOWN = 50;
export const NOTE_LENGTH_MAX = 2_000;

/** What somebody of the staff wrote about a customer, who does not see it. */
export interface Note {
  id: string;
  note: string;
  by: string;
  created_at: Date;
}

/** The newest notes about a customer. */
export async function notesOf(db: Db, workspaceId: string): Promise<Note[]> {
  return db
    .selectFrom('customer_notes as n')
    .innerJoin('people as p', 'p.id', 'n.person_id')
    .select(['n.id', 'n.note', 'p.name as by', 'n.created_at'])
    .where('n.workspace_id', '=', workspaceId)
    .orderBy('n.id', 'desc')
    .limit(NOTES_SHOWN)
    .execute();
}

/** Adds a note, which stays. What it says is not repeated in the audit. */
export async function addNote(
  trx: Trx,
  note: { workspace_id: string; person_id: string; note: string },
  origin: Origin,
): Promise<void> {
  const id = newId();
  await trx
    .insertInto('customer_notes')
    .values({ id, ...note })
    .execute();
  await audit(trx, {
    workspace_id: note.workspace_id,
    actor: { kind: 'person', id: note.person_id },
    action: 'customer_note.added',
    subject: { kind: 'customer_note', id },
    origin,
  });
}
