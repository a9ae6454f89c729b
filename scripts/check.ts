/**
 * Runs every gate, the fast ones first, and stops at the first that fails.
 * `--no-tests` leaves out what vitest runs.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';

interface Gate {
  name: string;
  /** What Node runs, from the project's root. */
  command: string[];
  isTest?: boolean;
}

const VITEST = 'node_modules/vitest/vitest.mjs';
const GATES: Gate[] = [
  { name: 'types', command: ['node_modules/typescript/bin/tsc'] },
  {
    name: 'client types',
    command: ['node_modules/typescript/bin/tsc', '-p', 'client', '--noEmit'],
  },
  { name: 'lint', command: ['node_modules/eslint/bin/eslint.js', '.'] },
  { name: 'format', command: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'] },
  { name: 'schema', command: ['scripts/schema.ts', '--check'] },
  {
    name: 'architecture',
    command: [VITEST, 'run', '--project', 'core', 'test/architecture'],
    isTest: true,
  },
  { name: 'tests', command: [VITEST, 'run'], isTest: true },
];

const root = path.join(import.meta.dirname, '..');

/** Runs a gate and keeps what it says for the case of failure. */
function run(gate: Gate): Promise<{ passed: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, gate.command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ passed: code === 0, output }));
  });
}

const withTests = !process.argv.includes('--no-tests');
for (const gate of GATES.filter(({ isTest }) => withTests || isTest !== true)) {
  const startedAt = performance.now();
  const { passed, output } = await run(gate);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${gate.name.padEnd(14)}${passed ? 'ok' : 'failed'}${seconds.padStart(8)} s`);
  if (passed) continue;
  console.log(`\n${output.trim()}`);
  process.exitCode = 1;
  break;
}
