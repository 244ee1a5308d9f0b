import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Logs in a process of its own, because the log goes to standard output. */
function logged(code: string): string {
  const script = `import { createLogger } from './src/platform/logger.ts';
    const logger = createLogger({ name: 'test', level: 'info' }); ${code}`;
  return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
}

it('withholds secrets by their names and passwords in the addresses of errors', () => {
  const output = logged(`
    logger.info({ user: { password: 'one' }, headers: { authorization: 'two', 'set-cookie': 'three' }, token: 'four' });
    logger.error({ err: new Error('no answer from postgresql://arbion:five@db/x') });
  `);
  expect(output).not.toMatch(/one"|two|three|four|five/);
  expect(output).toContain('"level":"error"');
  expect(output).toContain('://[withheld]@db/x');
});
