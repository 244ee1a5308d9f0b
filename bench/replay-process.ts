/** Prints the CPU milliseconds that an event more costs in a replay. Arguments: lean or shipped, the key, two histories. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createDataConverter } from '../src/temporal/data-converter.js';
import { workflowBundle } from '../src/worker/workflow-bundle.js';

const { History } = proto.temporal.api.history.v1;
/** Enough to warm the compiler, and to be above what the start of a worker costs by chance. */
const TIMES = 40;

const [sandbox, key = '', ...files] = process.argv.slice(2);
// The SDK replays in the main thread.
if (sandbox === 'lean') createRequire(import.meta.url)('../src/worker/lean-vm.cjs');
Runtime.install({ logger: new DefaultLogger('ERROR') });
const options = {
  workflowBundle: await workflowBundle(),
  dataConverter: createDataConverter([{ id: 'bench', key: Buffer.from(key, 'hex') }]),
  reuseV8Context: true,
};
const costs: { events: number; cpuMs: number }[] = [];
for (const file of files) costs.push(await replayed(History.decode(await readFile(file))));
const [short, long] = costs;
if (!short || !long) throw new Error('two histories are needed');
console.error(JSON.stringify(costs));
process.stdout.write(String((long.cpuMs - short.cpuMs) / TIMES / (long.events - short.events)));

async function replayed(history: ReturnType<typeof History.decode>) {
  const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
  const copies = (async function* () {
    for (let times = 0; times < TIMES; times++) yield { workflowId, history };
  })();
  const before = process.cpuUsage();
  for await (const { error } of Worker.runReplayHistories(options, copies)) if (error) throw error;
  const { user, system } = process.cpuUsage(before);
  return { events: history.events?.length ?? 0, cpuMs: (user + system) / 1_000 };
}
