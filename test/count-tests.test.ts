import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'scrip-count-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A test file of a report: its tests by their statuses. */
function testFile(...statuses: string[]): unknown {
  const status = statuses.includes('failed') ? 'failed' : 'passed';
  return { status, assertionResults: statuses.map((one) => ({ status: one })) };
}

function count(report: unknown, ...statuses: number[]): { line: string; code: number | null } {
  const file = path.join(folder, 'report.json');
  if (report !== undefined) {
    writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  }
  const parameters = ['scripts/count-tests.mjs', file, ...statuses.map(String)];
  const { stdout, status } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  return { line: stdout, code: status };
}

describe('the count of a test run', () => {
  test('is of all tests in all files', () => {
    const report = { testResults: [testFile('passed', 'passed'), testFile('passed')] };
    expect(count(report, 0, 0)).toEqual({ line: '3 passed, 0 failed\n', code: 0 });
  });

  test('names the skipped ones only when there are any', () => {
    const report = { testResults: [testFile('passed', 'skipped', 'todo')] };
    expect(count(report, 0)).toEqual({ line: '1 passed, 0 failed, 2 skipped\n', code: 0 });
  });

  test('ends with 1 when a test failed', () => {
    const report = { testResults: [testFile('passed', 'failed', 'failed')] };
    expect(count(report, 1, 0)).toEqual({ line: '1 passed, 2 failed\n', code: 1 });
  });

  test('counts a file that could not be loaded as one failed', () => {
    const broken = { status: 'failed', assertionResults: [] };
    const report = { testResults: [testFile('passed'), broken] };
    expect(count(report, 1, 0)).toEqual({ line: '1 passed, 1 failed\n', code: 1 });
  });

  test('counts a gate that failed as one failed', () => {
    const report = { testResults: [testFile('passed')] };
    expect(count(report, 0, 1)).toEqual({ line: '1 passed, 1 failed\n', code: 1 });
    expect(count(report, 0, 1, 2)).toEqual({ line: '1 passed, 2 failed\n', code: 1 });
  });

  test('counts a failure that no test shows, such as an unhandled rejection', () => {
    const report = { testResults: [testFile('passed')] };
    expect(count(report, 1, 0)).toEqual({ line: '1 passed, 1 failed\n', code: 1 });
  });

  test.each([
    ['missing', undefined],
    ['cut off', '{"testResults": ['],
    ['of another shape', '[]'],
    ['without tests', { testResults: [] }],
  ])('is one failed when the report is %s', (_how, report) => {
    expect(count(report, 0, 0)).toEqual({ line: '0 passed, 1 failed\n', code: 1 });
  });
});
