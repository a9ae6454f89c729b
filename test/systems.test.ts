import { expect, test } from 'vitest';
import { sourcesIn, testNamesOf } from './support/sources.ts';

const document = sourcesIn('docs').find(({ name }) => name === 'docs/systems.md')?.text ?? '';
const [rows = '', proofs = ''] = document.split('## Which tests prove them');

test('each row of the systems that is said to be proved has a test that bears its name', () => {
  const tests = new Map(sourcesIn('test').map((source) => [source.name, source] as const));
  const listed = [...proofs.matchAll(/^\| ([A-Z]\d+) \| (.+) \|$/gm)].map(
    ([, row = '', files = '']) => ({ row, files: files.replaceAll('`', '').split(', ') }),
  );
  expect(listed.length).toBeGreaterThan(40);
  const missing = listed.flatMap(({ row, files }) => {
    if (!rows.includes(`| ${row} |`)) return [`${row} is no row`];
    return files.filter((file) => {
      const source = tests.get(file);
      const names = source === undefined ? [] : testNamesOf(source);
      return !names.some((name) => new RegExp(`\\b${row}\\b`).test(name));
    });
  });
  expect(missing).toEqual([]);
});
