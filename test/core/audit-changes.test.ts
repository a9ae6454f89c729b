import { expect, test } from 'vitest';
import { changesIn } from '../../src/core/audit-changes.ts';

test('what changed is told field by field, with what was not there before or is no more', () => {
  const before = { staff_role: null, budget_micro: '5000000', gone: 1 };
  const after = { staff_role: 'admin', budget_micro: '7500000', money: { USD: '1' } };
  expect(changesIn(before, after)).toEqual([
    { field: 'staff role', before: 'nothing', after: 'admin' },
    { field: 'budget', before: '5', after: '7.5' },
    { field: 'gone', before: '1', after: undefined },
    { field: 'money', before: undefined, after: '{"USD":"1"}' },
  ]);
  expect(changesIn(null, null)).toEqual([]);
  expect(changesIn('a', undefined)).toEqual([{ field: 'value', before: 'a', after: undefined }]);
});
