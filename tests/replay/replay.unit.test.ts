import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { asIfSealed, type RecordedHistory, recordedHistories } from './histories.js';

// What does not replay is in the results; the log would repeat it.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => {}),
  telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
});

const LARGEST_BYTES = 60_000;
/** Bundling takes seconds, on a busy machine many. */
const PATIENCE_MS = 120_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

let histories: RecordedHistory[];
beforeAll(async () => {
  histories = await recordedHistories();
});

/** Names of the histories that the code can't go on from, with why. No server is asked. */
async function unreplayable(workflowBundle: { codePath: string } | { code: string }): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const round of [histories.filter(isFirstRun), histories.filter((one) => !isFirstRun(one))]) {
    const names = new Map(round.map(({ workflowId, name }) => [workflowId, name]));
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle, dataConverter: asIfSealed },
      round,
    )) {
      if (error) failed.set(names.get(workflowId) ?? workflowId, error.message);
    }
  }
  return failed;
}

/** The runs of a trade share its workflow id, by which results are known. */
function isFirstRun({ name }: RecordedHistory): boolean {
  return !/-\d+$/.test(name);
}

describe('the recorded histories', () => {
  it('replay with the code as it is: open trades can go on with it', { timeout: PATIENCE_MS }, async () => {
    expect(histories.length).toBeGreaterThanOrEqual(20);
    expect(await unreplayable(await workflowBundle())).toEqual(new Map());
  });

  it('are small, and name no machine', () => {
    for (const { name, bytes, history } of histories) {
      expect(bytes, name).toBeLessThan(LARGEST_BYTES);
      expect(JSON.stringify(history), name).not.toMatch(/"\d+@/);
    }
  });
});

describe('a change that open trades could not go on with', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await copyOfTheWorkflow();
  });
  afterAll(() => rm(copy, { recursive: true }));

  it('is caught: a pause before each order fails every history in which one was sent', {
    timeout: PATIENCE_MS,
  }, async () => {
    await edit(join(copy, 'workflows/trade/perform.ts'), [
      [
        'import { ActivityFailure, ApplicationFailure, log,',
        'import { ActivityFailure, ApplicationFailure, log, sleep,',
      ],
      ['    place: (order) => {', '    place: async (order) => {\n      await sleep(1);'],
    ]);
    const bundle = await bundleWorkflowCode({
      workflowsPath: join(copy, 'workflows/index.ts'),
      payloadConverterPath: join(copy, 'workflows/payload-converter.cjs'),
      workflowInterceptorModules: [join(copy, 'workflows/support/only-sealed.ts')],
      logger: new DefaultLogger('WARN'),
    });
    const failed = await unreplayable(bundle);
    const sentNothing = histories.filter(({ history }) => !sendsAnOrder(history)).map(({ name }) => name);
    expect(sentNothing).toContain('rejected-by-risk');
    expect([...failed.keys(), ...sentNothing].sort()).toEqual(histories.map(({ name }) => name));
    for (const message of failed.values()) expect(message).toMatch(/determinism/i);
  });
});

function sendsAnOrder({ events }: RecordedHistory['history']): boolean {
  return (events ?? []).some(
    ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name === 'placeOrder',
  );
}

async function copyOfTheWorkflow(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-changed-'));
  for (const source of ['workflows', 'src/domain', 'activities']) {
    await cp(join(root, source), join(directory, source), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function edit(path: string, replacements: readonly [from: string, to: string][]): Promise<void> {
  let text = await readFile(path, 'utf8');
  for (const [from, to] of replacements) {
    expect(text, `${path} has changed: plant the change elsewhere`).toContain(from);
    text = text.replace(from, to);
  }
  await writeFile(path, text);
}
