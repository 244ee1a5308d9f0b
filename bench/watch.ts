/** What it costs to watch open trades, and how late their looks are; beside a bare workflow that wakes up as often. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { TradeId } from '../src/domain/ids.js';
import { EMPTY_QUEUE } from './empty-worker.js';
import type { Report } from './figures.js';
import { type Usage, usageOf } from './processes.js';
import type { Servers } from './servers.js';
import { type BenchClient, openClient } from './trading.js';
import { inLanes, startProcess, startTrades, startWorker } from './watched-trades.js';

const RUNS = [
  { count: 200, intervalMs: 5_000 },
  { count: 1_000, intervalMs: 60_000 },
];
const MEASURED_MS = 60_000;
const SAMPLE_MS = 500;

export async function watch(servers: Servers, report: Report): Promise<void> {
  for (const { count, intervalMs } of RUNS) {
    const ours = await watchTrades(servers, count, intervalMs);
    const bare = await watchNothing(servers, count, intervalMs);
    const looks = (count * MEASURED_MS) / intervalMs;
    const perLook = ({ cpuSeconds }: Usage) => (cpuSeconds * 1_000) / looks;
    const name = (what: string) => `${count} trades, a look every ${intervalMs / 1_000} s: ${what}`;
    const besideBare = (value: number) => ({ name: 'bare workflow that wakes up as often', value });
    for (const server of ['worker', 'temporal'] as const) {
      report({
        ...{ name: name(`CPU of the ${server} a look`), unit: 'ms', value: perLook(ours[server]) },
        reference: besideBare(perLook(bare[server])),
      });
    }
    report({ name: name('CPU of Postgres a look'), unit: 'ms', value: perLook(ours.postgres) });
    report({
      ...{ name: name('memory of the worker'), unit: 'MB', value: ours.worker.megabytes },
      reference: besideBare(bare.worker.megabytes),
    });
    report({ name: name('late, half of them'), unit: 's', value: ours.late.p50 });
    report({ name: name('late, 99 of 100'), unit: 's', value: ours.late.p99, goal: { atMost: 2 } });
    report({ name: name(`seen of ${looks} looks`), unit: 'looks', value: ours.late.seen });
  }
}

async function watchTrades(servers: Servers, count: number, intervalMs: number) {
  const client = await openClient(servers);
  const worker = startWorker(servers, { monitorIntervalMs: intervalMs, market: 'synthetic' });
  try {
    const ids = await startTrades(client, count);
    await pause(intervalMs);
    const before = await usages(servers, worker.pid);
    const late = await lateness(client, ids, intervalMs);
    const used = since(before, await usages(servers, worker.pid));
    await inLanes(ids, (id) => client.trades.close(id, {}));
    for (const id of ids) await client.client.workflow.result(`trade-${id}`);
    return { ...used, late };
  } finally {
    worker.kill('SIGTERM');
    await client.close();
  }
}

/** A bare workflow that sleeps, and does one empty local activity each time it wakes up. */
async function watchNothing(servers: Servers, count: number, intervalMs: number) {
  const connected = await openClient(servers);
  const client = new Client({ connection: connected.client.connection });
  const worker = startProcess(new URL('empty-worker-process.ts', import.meta.url), servers.temporalAddress);
  try {
    const ids = Array.from({ length: count }, () => randomUUID());
    const wakeUps = Math.ceil((3 * MEASURED_MS) / intervalMs);
    const start = (workflowId: string) =>
      client.workflow.start('wakingUp', { args: [wakeUps, intervalMs], taskQueue: EMPTY_QUEUE, workflowId });
    await inLanes(ids, async (id) => void (await start(id)));
    await pause(intervalMs);
    const before = await usages(servers, worker.pid);
    await pause(MEASURED_MS);
    const used = since(before, await usages(servers, worker.pid));
    await inLanes(ids, async (id) => void (await client.workflow.getHandle(id).terminate()));
    return used;
  } finally {
    worker.kill('SIGTERM');
    await connected.close();
  }
}

type Usages = Record<'worker' | 'temporal' | 'postgres', Usage>;

async function usages({ pids }: Servers, worker: number | undefined): Promise<Usages> {
  const [own, temporal, postgres] = await Promise.all([worker ?? 0, pids.temporal, pids.postgres].map(usageOf));
  if (!own || !temporal || !postgres) throw new Error('a process is gone');
  return { worker: own, temporal, postgres };
}

function since(before: Usages, after: Usages): Usages {
  const used = (name: keyof Usages) => ({
    cpuSeconds: after[name].cpuSeconds - before[name].cpuSeconds,
    megabytes: after[name].megabytes,
  });
  return { worker: used('worker'), temporal: used('temporal'), postgres: used('postgres') };
}

/** How late looks are on the grid of their trade, in seconds. */
async function lateness({ database }: BenchClient, ids: readonly TradeId[], intervalMs: number) {
  const late: number[] = [];
  const last = new Map<string, number>();
  const until = Date.now() + MEASURED_MS;
  while (Date.now() < until) {
    const rows = await database.prisma.trade.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, lookedAt: true },
    });
    for (const { id, lookedAt } of rows) {
      const at = lookedAt?.getTime() ?? 0;
      if (last.has(id) && last.get(id) !== at) late.push(((at - phaseOf(id, intervalMs)) % intervalMs) / 1_000);
      last.set(id, at);
    }
    await pause(SAMPLE_MS);
  }
  late.sort((one, other) => one - other);
  const part = (share: number) => late[Math.floor(share * late.length)] ?? Number.NaN;
  return { p50: part(0.5), p99: part(0.99), seen: late.length };
}

/** As `scheduleLook` sets it. */
function phaseOf(id: string, intervalMs: number): number {
  return Number.parseInt(id.slice(0, 8), 16) % intervalMs;
}
