/**
 * What changed between two states of an object, as it was before: fields of objects within one
 * by one, lists whole, and null for what was not there. Undefined when nothing changed.
 */
export function differences(before: object, after: object): Record<string, unknown> | undefined {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const changed = new Map<string, unknown>();
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    changed.set(name, isPlain(was) && isPlain(is) ? differences(was, is) : (was ?? null));
  }
  return changed.size === 0 ? undefined : Object.fromEntries(changed);
}

function fieldsOf(object: object): Map<string, unknown> {
  return new Map<string, unknown>(Object.entries(object));
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
