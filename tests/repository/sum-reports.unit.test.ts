import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const report = (numPassedTests: number, numFailedTests: number, numPendingTests = 0) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests: 0,
});

function sum(reports: Record<string, object>, ...failedSteps: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'arbion-reports-'));
  for (const [name, content] of Object.entries(reports)) {
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(content));
  }
  const { stdout, status } = spawnSync(process.execPath, ['scripts/sum-reports.mjs', directory, ...failedSteps], {
    encoding: 'utf8',
  });
  return { line: stdout.trim(), status };
}

it('adds the reports up', () => {
  expect(sum({ test: report(3, 0), 'test:recorded': report(2, 0) })).toEqual({
    line: '5 passed, 0 failed',
    status: 0,
  });
});

it('counts a step that failed without a failed test, once', () => {
  expect(sum({ test: report(3, 2) }, 'test', 'check')).toEqual({ line: '3 passed, 3 failed', status: 1 });
});

it('counts a skipped test as a failed one', () => {
  expect(sum({ test: report(3, 0, 1) })).toEqual({ line: '3 passed, 1 failed', status: 1 });
});

it('does not call a run without tests a success', () => {
  expect(sum({})).toEqual({ line: '0 passed, 0 failed', status: 1 });
});
