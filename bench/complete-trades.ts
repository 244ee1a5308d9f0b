/** Trades from their start to their end, several at once. */
import { tradeWorkflowId, type UserId } from '../src/domain/ids.js';
import type { BenchClient } from './trading.js';

export const AT_ONCE = 24;

/** How many a second. */
export async function completeTrades(client: BenchClient, count: number): Promise<number> {
  const users = await Promise.all(Array.from({ length: AT_ONCE }, () => client.addUser()));
  return perSecond(count, async (index) => {
    await completeTrade(client, users[index % users.length] ?? (await client.addUser()));
  });
}

/** Entry, stop, a look that finds both, and the close: the stop's cancel and the exit. Answers the workflow's id. */
export async function completeTrade({ trades, client, newInput }: BenchClient, userId: UserId): Promise<string> {
  const input = newInput(userId);
  const { tradeId } = input.ticket;
  const verdict = await trades.startForVerdict(input);
  if (!verdict?.accepted) throw new Error(`a trade was not accepted: ${JSON.stringify(verdict)}`);
  const { stopOrderId } = await trades.lookNow(tradeId);
  if (stopOrderId === null) throw new Error(`trade ${tradeId} has no stop`);
  await trades.close(tradeId, {});
  await client.workflow.result(tradeWorkflowId(tradeId));
  return tradeWorkflowId(tradeId);
}

/** Does `work` the given number of times, several at once, and answers how often a second. */
export async function perSecond(count: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return count / ((performance.now() - started) / 1000);
}
