import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';

/** Longer than any line of a table that people keep. */
const LINE_BYTES_MAX = 1_000_000;

/** A line of a file by its columns, and where in the file it ends; or why it cannot be read. */
export type CsvLine =
  { line: number; record: Readonly<Record<string, string>> } | { line: number; fault: string };

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
