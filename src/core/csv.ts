/** A row of a file, by the line at which it begins: cells in quotes may have several. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/** Undefined rows: a quote on this line is never closed, or something follows the closing one. */
export type CsvTable = { rows: CsvRow[] } | { rows: undefined; line: number };

const SEPARATORS = [',', ';', '\t'] as const;

/**
 * Reads separated values as RFC 4180 has them, and as spreadsheets write and copy them: by commas,
 * semicolons or tabs, whichever stands most often in the first line, with any ends of lines, and a
 * byte order mark. Cells are trimmed; rows without a word are left out.
 */
export function readCsv(text: string): CsvTable {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const separator = separatorIn(/^[^\r\n]*/.exec(text)?.[0] ?? '');
  const cellAt = cellsBy(separator);
  const rows: CsvRow[] = [];
  let line = 1;
  let row: CsvRow = { line, cells: [] };
  for (cellAt.lastIndex = start; ;) {
    const found = cellAt.exec(text);
    if (found === null) return { rows: undefined, line };
    const [whole, quoted, plain = '', end = ''] = found;
    row.cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    line += whole.match(/\r\n|\r|\n/g)?.length ?? 0;
    const isOver = cellAt.lastIndex >= text.length;
    if (end === separator) continue;
    if (row.cells.some((cell) => cell !== '')) rows.push(row);
    if (isOver) return { rows };
    row = { line, cells: [] };
  }
}

/** A cell, in quotes or not, and what ends it: a separator, a line end, or the end of the file. */
function cellsBy(separator: string): RegExp {
  const quoted = ' *"([^"]*(?:""[^"]*)*)" *';
  const plain = `(?! *")([^${separator}\\r\\n]*)`;
  return new RegExp(`(?:${quoted}|${plain})(${separator}|\\r\\n|\\r|\\n|$)`, 'y');
}

function separatorIn(line: string): string {
  const count = (sign: string): number => line.split(sign).length;
  return SEPARATORS.reduce((most, sign) => (count(sign) > count(most) ? sign : most));
}
