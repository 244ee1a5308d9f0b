/**
 * `node scripts/sum-reports.mjs DIRECTORY [FAILED_STEP …]` adds up the test reports and closes with the one line that CI
 * reads. A failed step without a failed test (a type error, a crash) counts as one failure, and so does a skipped test.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory, ...failedSteps] = process.argv.slice(2);
if (directory === undefined || !existsSync(directory))
  throw new Error('Usage: sum-reports.mjs DIRECTORY [FAILED_STEP …]');

const reports = new Map(
  readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file.replace(/\.json$/, ''), JSON.parse(readFileSync(join(directory, file), 'utf8'))]),
);
const sum = (field) => [...reports.values()].reduce((total, report) => total + report[field], 0);
const withoutFailedTest = failedSteps.filter((step) => !reports.get(step)?.numFailedTests);

const passed = sum('numPassedTests');
const skipped = sum('numPendingTests') + sum('numTodoTests');
const failed = sum('numFailedTests') + skipped + withoutFailedTest.length;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
