import { parameterError } from './errors.ts';

export type FormValue = string | FormValue[] | { [name: string]: FormValue };

type Tree = Map<string, Tree | string>;

const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;
const DEPTH_MAX = 8;
const FIELDS_MAX = 2000;

/**
 * Reads Stripe's form encoding: `a[b]=1` is an object, `a[0]=1` and `a[]=1` are arrays, every leaf
 * is a string. Throws a StripeError for a malformed name or one that is given twice.
 */
export function parseForm(text: string): Record<string, FormValue> {
  const root: Tree = new Map();
  const fields = [...new URLSearchParams(text)];
  if (fields.length > FIELDS_MAX) {
    throw parameterError(undefined, undefined, `More than ${FIELDS_MAX} parameters were sent.`);
  }
  for (const [name, value] of fields) insert(root, name, value);
  return Object.fromEntries([...root].map(([name, node]) => [name, toValue(node)]));
}

/** The same form whatever the order of its fields, to compare two requests. */
export function canonicalForm(text: string): string {
  const fields = [...new URLSearchParams(text)].map((field) => JSON.stringify(field));
  return fields.sort().join('\n');
}

function insert(root: Tree, name: string, value: string): void {
  const match = NAME.exec(name);
  const first = match?.[1];
  if (first === undefined) {
    throw parameterError(name, 'parameter_unknown', `Received unknown parameter: ${name}`);
  }
  const rest = [...(match?.[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] ?? '');
  if (rest.length > DEPTH_MAX) {
    throw parameterError(name, undefined, `The parameter ${first} is nested too deeply.`);
  }
  let tree = root;
  let key = first;
  for (const part of rest) {
    tree = branch(tree, key, name);
    key = part === '' ? String(tree.size) : part;
  }
  if (tree.has(key))
    throw parameterError(name, undefined, `Invalid request: ${name} is given twice`);
  tree.set(key, value);
}

function branch(tree: Tree, key: string, name: string): Tree {
  const node = tree.get(key) ?? new Map<string, Tree | string>();
  if (typeof node === 'string') {
    throw parameterError(name, undefined, `Invalid request: ${name} is both a value and an object`);
  }
  tree.set(key, node);
  return node;
}

function toValue(node: Tree | string): FormValue {
  if (typeof node === 'string') return node;
  const entries = [...node].map(([name, child]) => [name, toValue(child)] as const);
  const isArray = entries.every(([name], index) => name === String(index));
  return isArray ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}
