import { expect, test } from 'vitest';
import { levelOf } from '../../src/core/levels.ts';

const wallet = {
  available_micro: 100n,
  debt_micro: 0n,
  granted_last_micro: 100n,
  frozen: false,
  unlimited: false,
};

test.each([
  ['healthy from a fifth of what was granted last', { available_micro: 20n }, 'healthy'],
  ['low under a fifth', { available_micro: 19n }, 'low'],
  ['low at a twentieth', { available_micro: 5n }, 'low'],
  ['critical under a twentieth', { available_micro: 4n }, 'critical'],
  ['empty with nothing', { available_micro: 0n }, 'empty'],
  ['in debt, whatever is available', { debt_micro: 1n }, 'debt'],
  ['unlimited before all that can be counted', { debt_micro: 1n, unlimited: true }, 'unlimited'],
  ['frozen before everything', { unlimited: true, frozen: true }, 'frozen'],
] as const)('L9 a wallet is %s', (_name, change, level) => {
  expect(levelOf({ ...wallet, ...change })).toBe(level);
});
