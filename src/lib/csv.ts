import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import type { WrittenRow } from '../core/bulk-grants.ts';

/** Longer than any line of a table that people keep. */
const LINE_BYTES_MAX = 1_000_000;

/** A line of a file by its columns, and where in the file it ends; or why it cannot be read. */
export type CsvLine =
  { line: number; record: Readonly<Record<string, string>> } | { line: number; fault: string };

const SEPARATORS = [',', ';', '\t'] as const;

export type CsvTable = { rows: WrittenRow[] } | { rows: undefined; fault: string };

/**
 * Reads separated values as spreadsheets write and copy them: by commas, semicolons or tabs,
 * whichever stands most often in the first line, with any line ends, and a byte order mark. Cells are
 * trimmed; rows without a word are left out.
 */
export function readCsv(text: string): CsvTable {
  const rows: WrittenRow[] = [];
  try {
    parseWhole(text, {
      bom: true,
      delimiter: separatorIn(/^[^\r\n]*/.exec(text)?.[0] ?? ''),
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      on_record: (cells, { lines }) => {
        rows.push({ line: lines, cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { code, lines } = error;
    const isOpen = code === 'CSV_QUOTE_NOT_CLOSED';
    const fault = isOpen
      ? 'A quote is never closed.'
      : `Line ${String(lines)} has a quote out of place.`;
    return { rows: undefined, fault };
  }
  return { rows };
}

function separatorIn(line: string): string {
  const count = (sign: string): number => line.split(sign).length;
  return SEPARATORS.reduce((most, sign) => (count(sign) > count(most) ? sign : most));
}

/**
 * The lines of a CSV file one after the other, however many there are: by comma, in UTF-8 with or
 * without a byte order mark, with any line ends.
 * @param nameOf how a column is to be called whose heading is given
 * @throws Error when there is no such file, or a quote that is never closed
 */
export async function* linesOfCsv(
  path: string,
  nameOf: (heading: string) => string,
): AsyncGenerator<CsvLine> {
  const faults: CsvLine[] = [];
  const parser = parse({
    bom: true,
    columns: (headings: string[]) => headings.map(nameOf),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: LINE_BYTES_MAX,
  });
  let faulty = 0;
  parser.on('skip', (error: CsvError | undefined) => {
    const line = parser.info.lines;
    // One for each quote that is out of place; the first says enough.
    if (line === faulty) return;
    faulty = line;
    faults.push({ line, fault: `${error?.message ?? 'It cannot be read'}.` });
  });
  pipeline(createReadStream(path), parser, () => undefined);
  for await (const read of parser) {
    yield* faults.splice(0);
    const { record, info } = read as { record: Record<string, string>; info: { lines: number } };
    yield { line: info.lines, record };
  }
  yield* faults;
}
