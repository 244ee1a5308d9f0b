import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { JournalEntry, JournalKind } from '../domain/trade/journal.js';

const request = {
  broker: 'paper',
  symbol: 'BTC-USD',
  assetClass: 'crypto',
  side: 'buy',
  quantity: '0.01',
  orderType: 'market',
  timeInForce: 'gtc',
  stopLoss: { percent: '2' },
  takeProfit: { percent: '4' },
  note: 'The sample trade of the first start',
};

const limitMs = 30_000;
const eventPage = z.object({
  items: z.array(z.object({ kind: z.string(), data: z.record(z.string(), z.unknown()) })),
});
type Event = z.infer<typeof eventPage>['items'][number];

/**
 * Places a small paper trade through the API and reports its progress until its stop is in place. It is a demonstration:
 * when something goes wrong, it reports that and returns.
 */
export async function narrateSampleTrade(
  { url, token }: { url: string; token: string },
  say: (line: string) => void,
): Promise<void> {
  say(
    `Sample paper trade: buy ${request.quantity} ${request.symbol} with a stop 2 % below and a target 4 % above the price.`,
  );
  try {
    const id = await placeTrade(url, token);
    await narrate(() => eventsOf(url, token, id), say);
    say(`The trade goes on by itself. List your trades with: npx arbion trades\n`);
  } catch (error) {
    say(`  Cannot follow the sample trade: ${error instanceof Error ? error.message : error}`);
  }
}

async function placeTrade(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/trades`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(15_000),
  });
  const body: unknown = await response.json();
  const { data } = z.object({ id: z.string() }).safeParse(body);
  if (data === undefined) throw new Error(`the API answered ${response.status} ${JSON.stringify(body)}`);
  return data.id;
}

async function eventsOf(url: string, token: string, id: string): Promise<Event[]> {
  const response = await fetch(`${url}/api/v1/trades/${id}/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  });
  return eventPage.parse(await response.json()).items;
}

async function narrate(readEvents: () => Promise<Event[]>, say: (line: string) => void): Promise<void> {
  const until = Date.now() + limitMs;
  let reported = 0;
  while (Date.now() < until) {
    const events = await readEvents();
    for (const event of events.slice(reported)) {
      const line = describeEvent(event);
      if (line !== undefined) say(`  ${line}`);
      if (isEnd(event)) return;
    }
    reported = events.length;
    await sleep(300);
  }
  say('  … this takes longer than usual. Follow the trade with: npx arbion trades');
}

const finalKinds = new Set<string>(['protected', 'risk_denied', 'order_refused', 'attention'] satisfies JournalKind[]);

function isEnd({ kind }: Event): boolean {
  return finalKinds.has(kind);
}

type Data = Record<string, unknown>;
/** The events of an undisturbed trade until its stop is in place, and how it can fail before. */
const sentences: Partial<Record<JournalKind, (data: Data) => string | undefined>> = {
  risk_checked: ({ notional }) => `risk checked: ${dollars(notional)} is within the limits`,
  risk_denied: ({ message }) => `refused by the risk check: ${message}`,
  order_placed: ({ leg, side, quantity }) => (leg === 'entry' ? `order placed: ${side} ${quantity}` : undefined),
  order_refused: ({ message }) => `refused by the broker: ${message}`,
  fill: ({ quantity, price }) => `filled: ${quantity} at ${dollars(price)}`,
  protected: ({ kind, stopPrice }) =>
    `${kind === 'broker' ? 'stop resting at the broker' : 'stop watched by Arbion'} at ${dollars(stopPrice)}\n  watching: every minute and at each price event`,
  attention: ({ message }) => `needs attention: ${message}`,
};

/** One line of the report, or undefined for events that are left out. */
function describeEvent({ kind, data }: { kind: JournalEntry['kind'] | string; data: Data }): string | undefined {
  return sentences[kind as JournalKind]?.(data);
}

function dollars(amount: unknown): string {
  return `$${String(amount)}`;
}
