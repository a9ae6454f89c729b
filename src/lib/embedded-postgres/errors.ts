/** The embedded database cannot be used; the message says why and how to mend it. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/** The code that Node gives to an error of the operating system, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** A sentence in place of an error of the operating system at the folder of the database. */
export function explainFileError(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof EmbeddedPostgresError || code === undefined) return error;
  const [meaning, remedy] =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? ['the disk is full', 'Make room and start again.']
      : ['EACCES', 'EPERM', 'EROFS'].includes(code)
        ? [
            'this user may not write there',
            'Start as the user who owns the folder, or set DATABASE_URL.',
          ]
        : ['a file cannot be read or written', 'Set DATABASE_URL to do without it.'];
  return new EmbeddedPostgresError(
    `The embedded database in ${folder} cannot start: ${meaning} (${error instanceof Error ? error.message : code}). ${remedy}`,
  );
}

/** What PostgreSQL writes, what it means, and what to do about it; the first that fits counts. */
const explanations: [pattern: RegExp, meaning: string, remedy: string][] = [
  [/No space left on device|Disk quota exceeded/, 'the disk is full', 'Make room and start again.'],
  [
    /could not create shared memory segment|could not map anonymous shared memory|Cannot allocate memory/,
    'there is too little (shared) memory',
    'Give the machine or container more and start again.',
  ],
  [
    /error while loading shared libraries|GLIBC_|no such file.*ld-/i,
    'this system lacks libraries that its programs need (they are made for glibc)',
    'Set DATABASE_URL to a PostgreSQL 16 or later of your own.',
  ],
  [
    /unrecognized configuration parameter|invalid value for parameter|requires a (numeric|Boolean) value/,
    'it refuses a setting',
    'Correct the setting and start again.',
  ],
  [
    /Permission denied|Operation not permitted|invalid permissions|wrong ownership/,
    'its files may not be read or written',
    'Give the folder back to the user who made it, with permissions 0700, and start again.',
  ],
  [
    /database files are incompatible|was initialized by PostgreSQL version/,
    'its files are of another version of PostgreSQL',
    '',
  ],
  [
    /PANIC|incorrect checksum|could not locate a valid checkpoint|could not (open|read|access|find)|No such file|does not exist|invalid (primary )?checkpoint|is not a (database cluster|data) directory|corrupt/,
    'its files are damaged',
    '',
  ],
];

/** What serves when the files themselves are the trouble. */
export function moveAway(folder: string): string {
  return `Move the folder away (mv ${folder} ${folder}.old), or put back a copy of it, and start again; without it the demo data is made anew.`;
}

/**
 * One sentence of what is wrong, one of how to mend it, and the end of PostgreSQL's own words.
 * @param tail what PostgreSQL wrote since it was started
 * @param fallback what happened, for when its words explain nothing
 */
export function explain(
  folder: string,
  tail: string,
  fallback: string,
  logFile?: string,
): EmbeddedPostgresError {
  const found = explanations.find(([pattern]) => pattern.test(tail));
  const meaning = found?.[1] ?? fallback;
  const remedy = found === undefined || found[2] === '' ? moveAway(folder) : found[2];
  const lines = tail
    .trim()
    .split('\n')
    .slice(-8)
    .map((line) => `  ${line}`);
  const where = logFile === undefined ? 'PostgreSQL said' : `The log (${logFile}) ends with`;
  const said = tail.trim() === '' ? '' : `\n${where}:\n${lines.join('\n')}`;
  return new EmbeddedPostgresError(
    `The embedded database in ${folder} cannot start: ${meaning}. ${remedy}${said}`,
  );
}
