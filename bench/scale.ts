/** What more workers bring on the full Temporal server, and what is at its limit then. */
import { setTimeout as pause } from 'node:timers/promises';
import { AT_ONCE, completeTrades } from './complete-trades.js';
import type { Report } from './figures.js';
import { startFullTemporal } from './full-temporal.js';
import { usageOf } from './processes.js';
import type { Servers } from './servers.js';
import { openClient } from './trading.js';
import { startWorker } from './watched-trades.js';

const WORKERS = [1, 2, 4];
const TRADES = 200;

export async function scale(servers: Servers, report: Report): Promise<void> {
  const temporal = await startFullTemporal(servers.directory, servers.databaseUrl);
  const full = {
    ...servers,
    temporalAddress: temporal.address,
    pids: { ...servers.pids, temporal: temporal.pid ?? 0 },
  };
  try {
    let ofOne: number | undefined;
    for (const count of WORKERS) {
      const { perSecond, cores } = await measured(full, count);
      ofOne ??= perSecond;
      const name = `full Temporal server on Postgres, ${count} ${count === 1 ? 'worker' : 'workers'}`;
      report({
        ...{ name: `complete trades, ${name}`, unit: 'a second', value: perSecond },
        reference: { name: '1 worker', value: ofOne },
      });
      for (const [who, used] of Object.entries(cores)) report({ name: `${who}, ${name}`, unit: 'cores', value: used });
    }
  } finally {
    await temporal.stop();
  }
}

async function measured(servers: Servers, count: number) {
  const workers = Array.from({ length: count }, () => startWorker(servers, { monitorIntervalMs: 60_000 }));
  const client = await openClient(servers);
  const processes = {
    Temporal: [servers.pids.temporal],
    Postgres: [servers.pids.postgres],
    workers: workers.map(({ pid }) => pid),
  };
  const cpuSeconds = async (pids: readonly (number | undefined)[]) => {
    const usages = await Promise.all(pids.map((pid) => usageOf(pid ?? 0)));
    return usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0);
  };
  const allCpuSeconds = async () => {
    const entries = Object.entries(processes).map(async ([who, pids]) => [who, await cpuSeconds(pids)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  try {
    await completeTrades(client, AT_ONCE);
    const [before, began] = [await allCpuSeconds(), performance.now()];
    const perSecond = await completeTrades(client, TRADES);
    const seconds = (performance.now() - began) / 1_000;
    const after = await allCpuSeconds();
    const cores = Object.fromEntries(
      Object.keys(processes).map((who) => [who, ((after[who] ?? 0) - (before[who] ?? 0)) / seconds]),
    );
    return { perSecond, cores };
  } finally {
    for (const worker of workers) worker.kill('SIGTERM');
    await pause(2_000);
    await client.close();
  }
}
