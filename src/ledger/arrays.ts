/** What an array parameter may hold; undefined and null are both NULL. */
export type Value = string | number | bigint | boolean | null | undefined;
type Item = Exclude<Value, null | undefined>;

/** How items of a type are sent: the type's number in pg_type.dat, and what its `_recv` function reads. */
interface Encoding {
  oid: number;
  /** How many bytes an item may take at most. */
  room: (item: Item) => number;
  /** Returns how many it took. */
  put: (bytes: Buffer, item: Item, at: number) => number;
}

const ENCODINGS = {
  bool: ofSize(1, 16, (bytes, item, at) => bytes.writeInt8(item === true ? 1 : 0, at)),
  int2: ofSize(2, 21, (bytes, item, at) => bytes.writeInt16BE(wholeNumber(item), at)),
  int4: ofSize(4, 23, (bytes, item, at) => bytes.writeInt32BE(wholeNumber(item), at)),
  int8: ofSize(8, 20, putBigint),
  xid: ofSize(4, 28, (bytes, item, at) => bytes.writeUInt32BE(Number(item), at)),
  uuid: ofSize(16, 2950, (bytes, item, at) => {
    putUuid(bytes, String(item), at);
  }),
  text: {
    oid: 25,
    room: (item) => UTF_8_BYTES_MAX * String(item).length,
    put: (bytes, item, at) => bytes.write(String(item), at),
  },
  jsonb: {
    oid: 3802,
    room: (item) => 1 + UTF_8_BYTES_MAX * String(item).length,
    // The first byte is the version of the format.
    put: (bytes, item, at) => bytes.write(`\u0001${String(item)}`, at),
  },
} satisfies Record<string, Encoding>;

export type ItemType = keyof typeof ENCODINGS;

const HEAD_BYTES = 20;
const MAY_HAVE_NULLS = 1;

/**
 * An array parameter in PostgreSQL's binary form: one dimension that begins at 1. As text it would
 * cost the database a sixth of its time for a debit to read it.
 * @throws Error when an item is none of the type
 */
export function arrayOf(type: ItemType, items: readonly Value[]): Buffer {
  const { oid, room, put }: Encoding = ENCODINGS[type];
  let most = HEAD_BYTES;
  for (const item of items) most += 4 + (item === null || item === undefined ? 0 : room(item));
  const bytes = Buffer.allocUnsafe(most);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(MAY_HAVE_NULLS, 4);
  bytes.writeInt32BE(oid, 8);
  bytes.writeInt32BE(items.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEAD_BYTES;
  for (const item of items) {
    const length = item === null || item === undefined ? -1 : put(bytes, item, at + 4);
    bytes.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return bytes.subarray(0, at);
}

/** An array as text, for an array inside an array: those of PostgreSQL are all of one length. */
export function listText(items: readonly (string | number | bigint)[]): string {
  return `{${items.map((item) => (typeof item === 'string' ? quoted(item) : String(item))).join(',')}}`;
}

/** Whole numbers since 1970 are what a timestamp is sent and read as: a Date would lose microseconds. */
export const microsecondsOf = (column: string): string =>
  `(extract(epoch from ${column}) * 1000000)::int8`;

export const timestampOf = (microseconds: string): string =>
  `timestamptz '1970-01-01T00:00:00Z' + ${microseconds} * interval '1 microsecond'`;

function ofSize(
  size: number,
  oid: number,
  write: (bytes: Buffer, item: Item, at: number) => unknown,
): Encoding {
  return {
    oid,
    room: () => size,
    put: (bytes, item, at) => {
      write(bytes, item, at);
      return size;
    },
  };
}

/** For each of the 16 bits that a string counts its length in. */
const UTF_8_BYTES_MAX = 3;

function wholeNumber(item: Item): number {
  if (Number.isInteger(item)) return Number(item);
  throw new Error(`${String(item)} is no whole number`);
}

const INT8_MAX = 2n ** 63n - 1n;

/** A DataView writes it without making further numbers on the way, as Buffer does. */
function putBigint(bytes: Buffer, item: Item, at: number): void {
  const number = BigInt(item);
  if (number > INT8_MAX || number < -INT8_MAX - 1n) throw new RangeError(`${number} is no int8`);
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setBigInt64(at, number);
}

const DASH = 45;
const NO_DIGIT = 255;
/** What a character stands for in a hexadecimal number. */
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of Array.from('0123456789abcdef').entries()) {
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

function putUuid(bytes: Buffer, text: string, at: number): void {
  let from = 0;
  let seen = text.length === 36 ? 0 : NO_DIGIT;
  for (let to = at; to < at + 16; to++) {
    if (text.charCodeAt(from) === DASH) from += 1;
    const high = DIGITS[text.charCodeAt(from)] ?? NO_DIGIT;
    const low = DIGITS[text.charCodeAt(from + 1)] ?? NO_DIGIT;
    seen |= high | low;
    bytes[to] = (high << 4) | low;
    from += 2;
  }
  if (seen > 15) throw new Error(`${text} is no uuid`);
}

/** Words, ids and numbers stand for themselves in an array; whatever else is between quotes. */
const PLAIN = /^[\w.:-]+$/;

function quoted(text: string): string {
  if (PLAIN.test(text) && text.toLowerCase() !== 'null') return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
