/** Values with whole numbers of any size as a line of JSON: 12n is "12n". */
export function lineOf(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === 'bigint' ? `${one}n` : one,
  );
}

export function ofLine(line: string): unknown {
  return JSON.parse(line, (_name, one: unknown) =>
    typeof one === 'string' && /^-?\d+n$/.test(one) ? BigInt(one.slice(0, -1)) : one,
  );
}
