import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRfc3339, rfc3339 } from '../../src/core/instant.ts';

const YEAR_0 = -62_167_219_200_000_000n;
const YEAR_10000 = 253_402_300_800_000_000n;

test('every moment of four-digit years is written and read back, to the microsecond', () => {
  const moments = fc.bigInt({ min: YEAR_0, max: YEAR_10000 - 1n });
  fc.assert(
    fc.property(moments, (moment) => {
      const text = rfc3339(moment);
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(parseRfc3339(text)).toBe(moment);
    }),
  );
  expect(rfc3339(-1n)).toBe('1969-12-31T23:59:59.999999Z');
});

test('a moment that an offset moves out of these years is none', () => {
  expect(parseRfc3339('0000-01-01T00:00:00Z')).toBe(YEAR_0);
  expect(parseRfc3339('0000-01-01T00:00:00+00:01')).toBeUndefined();
  expect(parseRfc3339('9999-12-31T23:59:59.999999Z')).toBe(YEAR_10000 - 1n);
  expect(parseRfc3339('9999-12-31T23:59:59-00:01')).toBeUndefined();
});
