/** A version of something that is never edited: a change is the next one, valid from a time. */
export interface Version {
  version: number;
  valid_from: Date;
}

/** The version that holds at a moment: the last to begin, of two the later made. */
export function versionAt<Known extends Version>(
  versions: readonly Known[],
  at: Date,
): Known | undefined {
  return versions
    .filter(({ valid_from }) => valid_from <= at)
    .reduce<Known | undefined>(
      (last, one) => (last === undefined || compare(one, last) > 0 ? one : last),
      undefined,
    );
}

/** What is to come after a moment, in order: of several that begin at once the one made last. */
export function versionsAfter<Known extends Version>(
  versions: readonly Known[],
  at: Date,
): Known[] {
  const coming = versions.filter(({ valid_from }) => valid_from > at).sort(compare);
  return coming.filter(
    ({ valid_from }, index) => coming[index + 1]?.valid_from.getTime() !== valid_from.getTime(),
  );
}

/** The version that was made last, whenever it begins: what the next change comes after. */
export function newestVersion<Known extends Version>(
  versions: readonly Known[],
): Known | undefined {
  return versions.reduce<Known | undefined>(
    (newest, one) => (newest === undefined || one.version > newest.version ? one : newest),
    undefined,
  );
}

function compare(one: Version, other: Version): number {
  return one.valid_from.getTime() - other.valid_from.getTime() || one.version - other.version;
}
