import { type Dirent, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A file of the project: its name from the root, with slashes, and what it says. */
export interface Source {
  name: string;
  text: string;
}

const NOT_OURS = new Set([
  'node_modules',
  '.git',
  'data',
  'dist',
  'coverage',
  'test-results',
  '.env',
]);
const TEXT =
  /(?:^|\/)(?:Procfile|LICENSE|run|\.\w+)$|\.(?:ts|js|mjs|json|ya?ml|md|sql|eta|css|svg|example)$/;

/** Every text file of the project, or of the folders that are named. */
export function sourcesIn(...folders: string[]): Source[] {
  return (folders.length === 0 ? ['.'] : folders)
    .flatMap(namesIn)
    .filter((name) => TEXT.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(name, 'utf8') }));
}

/** The names of the folders in a folder; none when it is not there. */
export function foldersIn(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function namesIn(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return namesIn(name);
    return entry.isFile() ? [name] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => !NOT_OURS.has(entry.name) && !entry.name.endsWith('.log'),
    );
  } catch {
    return [];
  }
}

/** What a file imports, types too: a name from the project's root, or that of a package. */
export function importsOf({ name, text }: Source): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? path.posix.join(path.posix.dirname(name), fileName) : fileName,
    );
}

/** The text without its comments, so that a rule reads code and not what is said about it. */
export function codeOf({ text }: Source): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const NAMING = new Set(['describe', 'test', 'it']);

/** The full names of a file's tests: the describe blocks around each, then its own. */
export function testNamesOf({ name, text }: Source): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node, around: readonly string[]): void => {
    const called = ts.isCallExpression(node) ? calledName(node) : undefined;
    if (called === undefined) {
      ts.forEachChild(node, (child) => {
        visit(child, around);
      });
      return;
    }
    const path = [...around, called.title];
    if (called.kind !== 'describe') names.push(path.join(' > '));
    for (const part of called.inside) visit(part, path);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true), []);
  return names;
}

/** `test('…')`, `describe('…')`, and the same after `.each(…)`, `.concurrent` and their like. */
function calledName(
  call: ts.CallExpression,
): { kind: string; title: string; inside: ts.Node[] } | undefined {
  let callee: ts.Node = call.expression;
  while (
    ts.isCallExpression(callee) ||
    ts.isPropertyAccessExpression(callee) ||
    ts.isTaggedTemplateExpression(callee)
  ) {
    callee = ts.isTaggedTemplateExpression(callee) ? callee.tag : callee.expression;
  }
  if (!ts.isIdentifier(callee) || !NAMING.has(callee.text)) return undefined;
  const [title, ...inside] = call.arguments;
  if (title === undefined || !isText(title)) return undefined;
  return { kind: callee.text, title: title.getText(), inside };
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}
