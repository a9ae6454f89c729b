import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import type { Cell } from './entry-columns.ts';

export type FileFormat = 'csv' | 'json';
type Row = Record<string, Cell>;
type Pages = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;

export interface ExportFile {
  /** Without its ending. */
  name: string;
  format: FileFormat;
  columns: readonly string[];
  pages: Pages;
  /** What a JSON file says before its rows: of what they are. */
  about: Record<string, unknown>;
}

/**
 * Sends rows as a file, a page at a time: no more is read than the reader takes, and nothing more
 * once the reader has gone.
 */
export async function sendFile(res: Response, file: ExportFile): Promise<void> {
  const { format } = file;
  res.set({
    'Cache-Control': 'no-store',
    'Content-Disposition': `attachment; filename="${file.name}.${format}"`,
    'X-Accel-Buffering': 'no',
  });
  res.type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json');
  if (res.req.method === 'HEAD') {
    res.end();
    return;
  }
  const text = format === 'csv' ? csvOf(file) : jsonOf(file);
  try {
    await pipeline(Readable.from(text), res);
  } catch (error) {
    // Nobody is told of a reader who went away.
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/**
 * With a byte order mark and the line ends of Windows, as spreadsheets want it. A text that begins
 * like a formula is quoted, so that none is carried out; numbers keep their minus.
 */
export async function* csvOf({
  columns,
  pages,
}: Pick<ExportFile, 'columns' | 'pages'>): AsyncGenerator<string> {
  const options = {
    columns: [...columns],
    escape_formulas: true,
    record_delimiter: 'windows' as const,
    cast: {
      object: (cell: object) => ({
        value: 'number' in cell ? String(cell.number) : '',
        escape_formulas: false,
      }),
    },
  };
  yield stringify([], { ...options, header: true, bom: true });
  for await (const page of pages) yield stringify([...page], options);
}

async function* jsonOf({ columns, pages, about }: ExportFile): AsyncGenerator<string> {
  yield `${JSON.stringify(about).slice(0, -1)}${Object.keys(about).length === 0 ? '' : ','}"rows":[`;
  let separator = '\n';
  for await (const page of pages) {
    const rows = page.map((row) => JSON.stringify(plainRow(row, columns)));
    if (rows.length > 0) yield separator + rows.join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** Decimal strings, as the API has them; without what there is not. */
function plainRow(row: Row, columns: readonly string[]): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const column of columns) {
    const cell = row[column] ?? null;
    if (cell !== null) plain[column] = typeof cell === 'string' ? cell : cell.number;
  }
  return plain;
}
