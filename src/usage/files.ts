/** Files of rows, as others than usage hand them out too. */
export { ExportsAtOnce } from './exports/at-once.ts';
export { ENTRY_COLUMNS, entryRows } from './exports/entries-file.ts';
export type { Cell } from './exports/entry-columns.ts';
export { csvOf, sendFile } from './exports/files.ts';
