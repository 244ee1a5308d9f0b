import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const report = (numPassedTests: number, numFailedTests: number) => ({
  numPassedTests,
  numFailedTests,
  numPendingTests: 1,
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
    line: '5 passed, 0 failed, 2 skipped',
    status: 0,
  });
});

it('counts a step that failed without a failed test, once', () => {
  expect(sum({ test: report(3, 2) }, 'test', 'check')).toEqual({ line: '3 passed, 3 failed, 1 skipped', status: 1 });
});

it('does not call a run without tests a success', () => {
  expect(sum({})).toEqual({ line: '0 passed, 0 failed, 0 skipped', status: 1 });
});
