import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ItemType, type Value, arrayOf, listText } from '../../src/ledger/arrays.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** What PostgreSQL has understood, each item as its text. */
async function understood(type: ItemType, items: readonly Value[]): Promise<unknown> {
  const { rows } = await database.connections.ledger.query<{ items: unknown }>(
    `select $1::${type}[]::text[] as items`,
    [arrayOf(type, items)],
  );
  return rows[0]?.items;
}

describe('an array parameter', () => {
  const id = newId();
  test.for<[ItemType, Value[], (string | null)[]]>([
    ['uuid', [id, null, id.toUpperCase()], [id, null, id]],
    ['int2', [-32_768, 32_767, undefined], ['-32768', '32767', null]],
    ['int4', [-2_147_483_648, 0, 2_147_483_647], ['-2147483648', '0', '2147483647']],
    ['int8', [-(2n ** 63n), 7, 2n ** 63n - 1n], ['-9223372036854775808', '7', `${2n ** 63n - 1n}`]],
    ['bool', [true, false, null], ['true', 'false', null]],
    [
      'text',
      ['', 'null', 'a "b" \\ {c},', 'ü€🙂', null],
      ['', 'null', 'a "b" \\ {c},', 'ü€🙂', null],
    ],
    ['jsonb', ['{"a": "ü"}', null], ['{"a": "ü"}', null]],
    ['text', [], []],
  ])('of %s is understood item by item', async ([type, items, expected]) => {
    expect(await understood(type, items)).toEqual(expected);
  });

  test('with an item that is none of the type is never sent', () => {
    for (const text of [id.slice(1), `${id}0`, id.replace('-', '0'), `${id.slice(0, -1)}g`, 'ü']) {
      expect(() => arrayOf('uuid', [text])).toThrow('is no uuid');
    }
    expect(() => arrayOf('int8', [2n ** 63n])).toThrow(RangeError);
    expect(() => arrayOf('int2', [32_768])).toThrow(RangeError);
    expect(() => arrayOf('int4', [Number.NaN])).toThrow('NaN is no whole number');
  });

  test('may have lists of different lengths in it, as text', async () => {
    const lists = [['a', 'null', 'b "c" \\,{}'], [], ['NULL']].map(listText);
    const { rows } = await database.connections.ledger.query<{ list: string[] }>(
      'select t.list::text[] as list from unnest($1::text[]) as t(list)',
      [arrayOf('text', lists)],
    );
    expect(rows.map(({ list }) => list)).toEqual([['a', 'null', 'b "c" \\,{}'], [], ['NULL']]);
  });
});
