import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Version,
  changesAfter,
  newestVersion,
  quietMoments,
  versionAt,
} from '../../src/core/versions.ts';

interface Said extends Version {
  says: string;
}

const day = (number: number) => new Date(Date.UTC(2026, 0, 1 + number));
const isSame = (before: Said | undefined, after: Said) => before?.says === after.says;

/** As a change is made: it holds through the moments at which nothing changes. */
function changed(versions: readonly Said[], from: Date, says: string): Said[] {
  const moments = [from, ...quietMoments(versions, from, isSame)];
  const newest = newestVersion(versions)?.version ?? 0;
  const made = moments.map((valid_from, index) => ({
    ...{ version: newest + 1 + index, valid_from, says },
  }));
  return [...versions, ...made];
}

function withdrawn(versions: readonly Said[], from: Date): Said[] {
  const before = versionAt(versions, new Date(from.getTime() - 1));
  return changed(versions, from, before?.says ?? 'nothing');
}

test('whatever is changed before a change that was withdrawn holds through its moment', () => {
  const changes = fc.array(fc.record({ at: fc.nat(9), says: fc.constantFrom('a', 'b', 'c') }));
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 9 }), fc.nat(9), (planned, moment, begins) => {
      const first = [{ version: 1, valid_from: day(0), says: 'first' }];
      const versions = planned.reduce((all, { at, says }) => changed(all, day(at), says), first);
      const without = withdrawn(versions, day(moment));
      const coming = changesAfter(without, day(0), isSame).map(({ valid_from }) => valid_from);
      expect(coming).not.toContainEqual(day(moment));
      const after = changed(without, day(begins), 'new');
      const next = changesAfter(without, day(begins), isSame)[0]?.valid_from ?? day(99);
      for (let at = begins; day(at) < next && at < 20; at++) {
        expect(versionAt(after, day(at))?.says).toBe('new');
      }
    }),
  );
});
