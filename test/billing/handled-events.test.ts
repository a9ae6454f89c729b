import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventHandlers } from '../../src/billing/events/handlers.ts';

test('docs/billing.md names exactly the events that have an effect', () => {
  const text = readFileSync('docs/billing.md', 'utf8');
  const [table = ''] = text.split('An event is stored and takes effect').slice(0, 1);
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    Array.from((row.split('|')[1] ?? '').matchAll(/`([\w.]+)`/g), ([, type]) => type),
  );
  expect(named.toSorted()).toEqual([...eventHandlers.keys()].toSorted());
});
