import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PidFiles } from '../../src/launcher/pid-files.js';
import { existingProcess, startProcess } from '../../src/launcher/service-process.js';
import { type Service, Supervisor } from '../../src/launcher/supervisor.js';

const supervisors: Supervisor[] = [];
afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.stopAll();
});

function setUp() {
  const directory = mkdtempSync(join(tmpdir(), 'arbion-run-'));
  const reports: string[] = [];
  const supervisorOf = () => {
    const supervisor = new Supervisor(new PidFiles(directory), (line) => reports.push(line));
    supervisors.push(supervisor);
    return supervisor;
  };
  /** A process that waits, named so that only this test's directory is its own. */
  const sleeper = (
    name: string,
    overrides: { version?: string; script?: string; isHealthy?: boolean } = {},
  ): Service => {
    const { version = '1', script = 'setInterval(() => {}, 1000)', isHealthy = true } = overrides;
    const identity = `--version=${version}`;
    return {
      name,
      graceMs: 2_000,
      leftover: { program: `${directory}/${name}`, identity, isHealthy: async () => isHealthy },
      start: () =>
        startProcess({
          file: process.execPath,
          args: ['-e', script, `${directory}/${name}`, identity],
          logFile: join(directory, `${name}.log`),
        }),
    };
  };
  const pidOf = (name: string) => Number(readFileSync(join(directory, `${name}.pid`), 'utf8'));
  return { directory, reports, supervisorOf, sleeper, pidOf };
}

describe('Supervisor', () => {
  it('starts a killed process again and records its new id', async () => {
    const { supervisorOf, sleeper, pidOf, reports } = setUp();
    await supervisorOf().keep(sleeper('worker'));
    const first = pidOf('worker');
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(pidOf('worker')).not.toBe(first), { timeout: 20_000 });
    expect(existingProcess(pidOf('worker')).isRunning()).toBe(true);
    expect(reports).toEqual(['worker has exited; restarting it in 0.5 s.']);
  });

  it('waits longer each time for what ends as soon as it starts', async () => {
    const { supervisorOf, sleeper, reports } = setUp();
    const supervisor = supervisorOf();
    await supervisor.keep(sleeper('worker', { script: 'process.exit(1)' }));
    await vi.waitFor(() => expect(supervisor.exitsOf('worker')).toBe(3), { timeout: 10_000 });
    expect(reports.map((line) => /in ([\d.]+) s/.exec(line)?.[1])).toEqual(['0.5', '1', '2']);
  });

  it('stops everything in the reverse order, by force where asking does not help', async () => {
    const { supervisorOf, sleeper, pidOf } = setUp();
    const supervisor = supervisorOf();
    await supervisor.keep(
      sleeper('temporal', { script: "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)" }),
    );
    await supervisor.keep(sleeper('worker'));
    const [temporal, worker] = [existingProcess(pidOf('temporal')), existingProcess(pidOf('worker'))];
    const stopped = supervisor.stopAll();
    await vi.waitFor(() => expect(worker.isRunning()).toBe(false), { timeout: 20_000 });
    expect(temporal.isRunning()).toBe(true);
    await stopped;
    expect(temporal.isRunning()).toBe(false);
    expect(() => pidOf('worker')).toThrow(/ENOENT/);
  });

  it('takes over a healthy process that a killed launcher left, and keeps it running', async () => {
    const { supervisorOf, sleeper, pidOf, reports } = setUp();
    await supervisorOf().keep(sleeper('worker'));
    const left = pidOf('worker');
    await supervisorOf().keep(sleeper('worker'));
    expect(pidOf('worker')).toBe(left);
    expect(reports).toEqual(['worker is still running from the last start; using it.']);
  });

  it.each([
    ['of another version', { version: '2' }],
    ['that is not healthy', { isHealthy: false }],
  ])('ends a leftover %s and starts anew', async (_case, overrides) => {
    const { supervisorOf, sleeper, pidOf } = setUp();
    const service = sleeper('worker');
    const left = await service.start();
    new PidFiles(join(service.leftover?.program ?? '', '..')).write('worker', left.pid);
    await supervisorOf().keep(sleeper('worker', overrides));
    expect(existingProcess(left.pid).isRunning()).toBe(false);
    expect(pidOf('worker')).not.toBe(left.pid);
  });

  it('leaves alone an unrelated process that got the recorded id', async () => {
    const { directory, supervisorOf, sleeper, pidOf } = setUp();
    writeFileSync(join(directory, 'worker.pid'), `${process.pid}\n`);
    await supervisorOf().keep(sleeper('worker'));
    expect(pidOf('worker')).not.toBe(process.pid);
  });
});
