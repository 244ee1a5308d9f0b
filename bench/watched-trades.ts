/** Many open trades, and the worker processes that watch them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TradeId, UserId } from '../src/domain/ids.js';
import type { TradeRequest } from '../src/domain/trade/request.js';
import type { Servers } from './servers.js';
import type { BenchClient, WorkOptions } from './trading.js';

const AT_ONCE = 40;
const USERS = 20;
const PROGRESS_EVERY = 500;

export function startWorker(servers: Servers, options: WorkOptions): ChildProcess {
  return startProcess(new URL('worker-process.ts', import.meta.url), JSON.stringify({ servers, options }));
}

export function startProcess(entry: URL, argument: string): ChildProcess {
  return spawn(process.execPath, ['scripts/run.mjs', fileURLToPath(entry), argument], { stdio: 'ignore' });
}

/** Each with its stop at the broker. */
export async function startTrades(
  client: BenchClient,
  count: number,
  more: (index: number) => Partial<TradeRequest> = () => ({}),
): Promise<TradeId[]> {
  const users = await Promise.all(Array.from({ length: USERS }, () => client.addUser()));
  const inputs = Array.from({ length: count }, (_, index) => client.newInput(at(users, index), more(index)));
  await inLanes(inputs, async (input) => void (await client.trades.start(input)));
  const ids = inputs.map(({ ticket }) => ticket.tradeId);
  await untilProtected(client, ids);
  return ids;
}

/** As the database shows it: to ask each workflow would be work for the worker that is measured. */
async function untilProtected({ database }: BenchClient, ids: readonly TradeId[]): Promise<void> {
  for (let shown = PROGRESS_EVERY; ; await pause(250)) {
    const where = { tradeId: { in: [...ids] }, leg: 'stop', intent: 'ACKED' };
    const open = await database.prisma.order.count({ where });
    if (open === ids.length) return;
    if (open < shown) continue;
    process.stderr.write(`${open} of ${ids.length} trades are open\n`);
    shown += PROGRESS_EVERY;
  }
}

function at(users: readonly UserId[], index: number): UserId {
  const user = users[index % users.length];
  if (user === undefined) throw new Error('there is no user');
  return user;
}

/** What fails is thrown when all lanes have ended: whoever catches it closes what they use. */
export async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}
