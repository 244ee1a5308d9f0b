/** What the replay of a trade's history costs, in the lean sandbox of our workers beside the SDK's own. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import proto from '@temporalio/proto';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

/** Looks follow each other closely, so that a history of hours is made in seconds. */
const MINUTE_MS = 250;
const LOOKS = { short: 4, long: 100 };

export async function replay(servers: Servers, report: Report, rounds: number): Promise<void> {
  const trading = await openTrading(servers, { monitorIntervalMs: MINUTE_MS, continueAsNewEvents: 20_000 });
  const files: string[] = [];
  try {
    const userId = await trading.addUser();
    for (const [name, looks] of Object.entries(LOOKS)) {
      const file = join(servers.directory, `${name}.history`);
      await writeFile(file, await historyOf(trading, userId, looks));
      files.push(file);
    }
  } finally {
    await trading.close();
  }
  for (let round = 1; round <= rounds; round++) {
    const [lean, shipped] = [await cpuPerEvent(servers, files, 'lean'), await cpuPerEvent(servers, files, 'shipped')];
    report({
      ...{ name: 'CPU of a replayed event', unit: 'ms', value: lean, goal: { atMost: 0.3 } },
      reference: { name: "in the SDK's own sandbox", value: shipped },
    });
  }
}

async function historyOf(trading: BenchTrading, userId: Awaited<ReturnType<BenchTrading['addUser']>>, looks: number) {
  const input = trading.newInput(userId);
  const { tradeId } = input.ticket;
  await trading.trades.startForVerdict(input);
  await new Promise((resolve) => setTimeout(resolve, looks * MINUTE_MS));
  await trading.trades.close(tradeId, {});
  const handle = trading.client.workflow.getHandle(`trade-${tradeId}`);
  await handle.result();
  return proto.temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish();
}

/** In a process of its own, which has or has not the lean sandbox. */
async function cpuPerEvent({ key }: Servers, files: readonly string[], sandbox: 'lean' | 'shipped'): Promise<number> {
  const entry = fileURLToPath(new URL('replay-process.ts', import.meta.url));
  const args = ['scripts/run.mjs', entry, sandbox, key, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}
