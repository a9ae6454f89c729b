import type { Request } from 'express';
import type { BulkGrantRow } from '../billing/bulk-grant-reports.ts';
import { decimalCredits } from '../core/credits.ts';
import { lastDayUtc } from '../core/last-days.ts';
import { AppError } from '../lib/errors.ts';
import type { FormState } from '../lib/forms.ts';
import { uploadedForm } from '../lib/uploads.ts';
import type { Cell } from '../usage/files.ts';

const BYTES_MAX = 2 * 1024 * 1024;
const NAME_LENGTH_MAX = 120;

export type UploadedGrants =
  | {
      outcome: 'sent';
      text: string;
      file_name: string;
      /** The field that it came by. */
      field: 'file' | 'rows';
      values: Record<string, string>;
    }
  | { outcome: 'refused'; status: number; form: FormState };

/** The rows that somebody of the staff sent, as a file or as text. */
export async function uploadedGrants(req: Request): Promise<UploadedGrants> {
  const refused = (field: string, sentence: string, rows = '', status = 422): UploadedGrants => {
    return {
      outcome: 'refused',
      status,
      form: { values: { rows }, errors: { [field]: sentence } },
    };
  };
  const form = await uploadedForm(req, { field: 'file', bytes_max: BYTES_MAX }).catch(
    (error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    },
  );
  if (form instanceof AppError) return refused('file', form.message, '', form.status);
  const rows = form.fields.get('rows') ?? '';
  const { file } = form;
  if (file === undefined) {
    if (rows.trim() === '') return refused('file', 'Choose a file, or paste its rows.');
    const values = { rows };
    return { outcome: 'sent', text: rows, file_name: 'Pasted', field: 'rows', values };
  }
  if (rows.trim() !== '') return refused('rows', 'Choose a file or paste rows, not both.', rows);
  const text = textOf(file.bytes);
  if (text === undefined)
    return refused('file', 'This is no text in UTF-8. Save it as “CSV UTF-8”.');
  return { outcome: 'sent', text, file_name: nameOf(file.name), field: 'file', values: {} };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function nameOf(written: string): string {
  const name = written.replaceAll(/\p{Cc}/gu, '').trim();
  return name.slice(0, NAME_LENGTH_MAX) || 'Without a name';
}

export const BULK_GRANT_COLUMNS = [
  ...['line', 'customer', 'credits', 'state', 'why', 'workspace_id', 'name', 'entry'],
  ...['last_day', 'note'],
] as const;

/** What came of each row, a page at a time. */
export async function* bulkGrantCells(
  pages: AsyncIterable<BulkGrantRow[]>,
): AsyncGenerator<Record<string, Cell>[]> {
  for await (const rows of pages) yield rows.map(cellsOf);
}

function cellsOf(row: BulkGrantRow): Record<string, Cell> {
  const { number, customer, amount, state, fault, workspace_id, workspace, entry_seq, note } = row;
  return {
    ...{ line: { number: String(number) }, customer, note, workspace_id, name: workspace },
    credits: amount === null ? row.written_amount : { number: decimalCredits(amount) },
    state: state === 'refused' ? 'not granted' : state,
    why: fault,
    entry: entry_seq === null ? null : { number: String(entry_seq) },
    last_day: row.expires_at && lastDayUtc(row.expires_at),
  };
}
