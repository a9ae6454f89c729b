/**
 * Are the tests awake? Makes one deliberate mistake after the other in a copy of the project and
 * runs the tests that have to notice it. Each has to be caught. A word names those to be tried:
 * `npm run mutations -- lock`.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Fault } from './fault.ts';
import { FAULTS, replaced } from './faults.ts';

const root = path.join(import.meta.dirname, '..');
const NOT_COPIED = new Set(['node_modules', '.git', 'data', 'coverage', 'test-results', '.env']);

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ status: z.string(), title: z.string() })),
    }),
  ),
});

function copyOfProject(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'scrip-mutations-'));
  cpSync(root, copy, {
    recursive: true,
    filter: (from) => !NOT_COPIED.has(path.relative(root, from)),
  });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** The names of the tests that failed. Throws when none was run at all. */
async function failing(copy: string, { project, tests }: Pick<Fault, 'project' | 'tests'>) {
  const report = path.join(copy, 'report.json');
  rmSync(report, { force: true });
  const said = await new Promise<string>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        ...['run', '--project', project, '--reporter=json', `--outputFile=${report}`],
        ...tests,
      ],
      { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
  try {
    const { numPassedTests, testResults } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
    const results = testResults.flatMap((file) => file.assertionResults);
    const failed = results.filter(({ status }) => status === 'failed').map(({ title }) => title);
    if (failed.length + numPassedTests === 0) throw new Error('no test was run');
    return failed;
  } catch (cause) {
    throw new Error(`the tests cannot be run:\n${said}`, { cause });
  }
}

async function caughtBy(copy: string, fault: Fault): Promise<string[]> {
  const files = [...new Set(fault.replacements.map(({ file }) => file))];
  try {
    for (const one of fault.replacements) {
      const file = path.join(copy, one.file);
      writeFileSync(file, replaced(readFileSync(file, 'utf8'), one));
    }
    return await failing(copy, fault);
  } finally {
    for (const file of files) cpSync(path.join(root, file), path.join(copy, file));
  }
}

const word = process.argv[2] ?? '';
const chosen = FAULTS.filter(({ name }) => name.includes(word));
if (chosen.length === 0) throw new Error(`no fault says "${word}"`);
const copy = copyOfProject();
try {
  for (const project of new Set(chosen.map((fault) => fault.project))) {
    const tests = new Set(
      chosen.flatMap((fault) => (fault.project === project ? fault.tests : [])),
    );
    const failed = await failing(copy, { project, tests: [...tests] });
    if (failed.length > 0) throw new Error(`fails without a fault: ${failed.join('; ')}`);
  }
  let missed = 0;
  for (const fault of chosen) {
    const names = await caughtBy(copy, fault);
    if (names.length === 0) missed++;
    console.log(`${names.length === 0 ? 'MISSED' : 'caught'}  ${fault.name}`);
    for (const name of names) console.log(`          by: ${name}`);
  }
  console.log(`${chosen.length - missed} of ${chosen.length} caught`);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
