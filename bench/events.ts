/** History events of a complete trade, and of a monitored minute. */
import type { Servers } from './servers.js';
import { type BenchTrading, openTrading } from './trading.js';

/** A minute of the monitor, shortened so that many fit in a run. */
const MINUTE_MS = 250;
const MINUTES = 40;

export async function events(servers: Servers): Promise<void> {
  const trading = await openTrading(servers, { monitorIntervalMs: MINUTE_MS });
  try {
    const userId = await trading.addUser();
    const complete = await tradeFor(trading, userId, 0);
    const monitored = await tradeFor(trading, userId, MINUTES * MINUTE_MS);
    const perMinute = (monitored.events - complete.events) / (monitored.looks - complete.looks);
    process.stdout.write(`history events of a complete trade: ${complete.events} (goal 45)\n`);
    process.stdout.write(`history events of a monitored minute: ${perMinute.toFixed(2)} (goal 6, floor 5)\n`);
  } finally {
    await trading.close();
  }
}

async function tradeFor(trading: BenchTrading, userId: Awaited<ReturnType<BenchTrading['addUser']>>, openMs: number) {
  const input = trading.newInput(userId);
  const { tradeId } = input.ticket;
  await trading.trades.startForVerdict(input);
  await untilOpen(trading, input);
  await new Promise((resolve) => setTimeout(resolve, openMs));
  await trading.trades.close(tradeId, {});
  const handle = trading.client.workflow.getHandle(`trade-${tradeId}`);
  await handle.result();
  const history = (await handle.fetchHistory()).events ?? [];
  return { events: history.length, looks: history.filter((event) => event.timerFiredEventAttributes).length };
}

async function untilOpen({ trades }: BenchTrading, input: ReturnType<BenchTrading['newInput']>): Promise<void> {
  for (;;) {
    const view = await trades.state(input.ticket.tradeId);
    if (view.stopOrderId !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
