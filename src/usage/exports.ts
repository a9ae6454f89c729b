/** Files that are made of rows while they are sent. */
export { ExportsAtOnce } from './exports/at-once.ts';
export type { Cell } from './exports/entry-columns.ts';
export { type FileFormat, sendFile } from './exports/files.ts';
