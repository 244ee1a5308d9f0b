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
  let open = 0;
  await inLanes(ids, async (id) => {
    while ((await client.trades.state(id)).stopOrderId === null) await pause(100);
    open += 1;
    if (open % PROGRESS_EVERY === 0 && open < count) process.stderr.write(`${open} of ${count} trades are open\n`);
  });
  return ids;
}

function at(users: readonly UserId[], index: number): UserId {
  const user = users[index % users.length];
  if (user === undefined) throw new Error('there is no user');
  return user;
}

export async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
