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

/** Whether a version says what held before it, so that nothing changes when it begins. */
export type Sameness<Known> = (before: Known | undefined, after: Known) => boolean;

/** The changes that are to come after a moment, in order; a change that was withdrawn is none. */
export function changesAfter<Known extends Version>(
  versions: readonly Known[],
  at: Date,
  isSame: Sameness<Known>,
): Known[] {
  let before = versionAt(versions, at);
  return versionsAfter(versions, at).filter((one) => {
    const isQuiet = isSame(before, one);
    before = one;
    return !isQuiet;
  });
}

/**
 * The moments after one at which versions begin that change nothing, up to the next change: what is
 * changed before them is to hold through them, since whoever withdrew a change planned nothing.
 */
export function quietMoments<Known extends Version>(
  versions: readonly Known[],
  at: Date,
  isSame: Sameness<Known>,
): Date[] {
  const [next] = changesAfter(versions, at, isSame);
  const coming = versionsAfter(versions, at);
  const quiet = next === undefined ? coming : coming.slice(0, coming.indexOf(next));
  return quiet.map(({ valid_from }) => valid_from);
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
