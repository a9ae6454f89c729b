// Counts a run of the tests from vitest's JSON report, and prints "N passed, N failed" alone on a
// line; it ends with 1 when something failed.
//
//   node scripts/count-tests.mjs REPORT STATUS...
//
// STATUS are the exit codes of what ran: each that is not 0 counts as one failed where the report
// names no failed test for it. A report that is missing or empty counts as one failed.
import fs from 'node:fs';

/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile
 * @param {string} file
 * @returns {TestFile[]}
 */
function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).testResults ?? [];
  } catch {
    return [];
  }
}

const [report = '', testStatus = '1', ...gateStatuses] = process.argv.slice(2);
const files = readReport(report);
const tests = files.flatMap((file) => file.assertionResults);
const count = (/** @type {string[]} */ ...statuses) =>
  tests.filter(({ status }) => statuses.includes(status)).length;

const passed = count('passed');
const skipped = count('skipped', 'pending', 'todo', 'disabled');
// A file that could not be loaded has failed without any test of its own.
const brokenFiles = files.filter(
  (file) =>
    file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
);
let failed = tests.length - passed - skipped + brokenFiles.length;
if (failed === 0 && (testStatus !== '0' || tests.length === 0)) failed = 1;
failed += gateStatuses.filter((status) => status !== '0').length;

console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
process.exitCode = failed === 0 ? 0 : 1;
