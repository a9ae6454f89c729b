import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS, replaced } from '../scripts/faults.ts';

test('each deliberate fault still finds its place in the program', () => {
  for (const { replacements, tests } of FAULTS) {
    for (const one of replacements) {
      const text = readFileSync(one.file, 'utf8');
      expect(replaced(text, one)).not.toBe(text);
    }
    for (const file of tests) expect(readFileSync(file, 'utf8')).toContain('test(');
  }
});
