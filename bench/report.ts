import { cpus } from 'node:os';
import type { Postgres } from './postgres.ts';

export type Row = Record<string, string | number | undefined>;

/** Rows with the same columns, as text: names to the left, numbers to the right. */
export function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [
    columns.map((column) => column.replaceAll('_', ' ')),
    ...rows.map((row) => columns.map((column) => textOf(row[column]))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, index) =>
          index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function textOf(value: string | number | undefined): string {
  if (typeof value === 'number') return value.toLocaleString('en', { maximumSignificantDigits: 3 });
  return value ?? '';
}

/** What the figures were measured on: without it they say nothing. */
export function machineOf(postgres: Postgres): Record<string, string | number> {
  return {
    processors: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    postgresql: postgres.version,
    platform: `${process.platform} ${process.arch}`,
  };
}
