/** What it costs that an order is sent exactly once: our activity beside the bare call to the broker. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { createOrderActivities } from '../activities/orders.activities.js';
import { PaperBroker } from '../src/brokers/paper/paper-broker.js';
import { clientOrderId, type TradeId, type UserId } from '../src/domain/ids.js';
import type { OrderRequest } from '../src/domain/order.js';
import type { TradeInput } from '../src/domain/trade/request.js';
import { wallClock } from '../src/market-data/clock.js';
import { createDatabase, type Database } from '../src/storage/database.js';
import { admitted } from '../tests/support/admitted.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { SetMarket } from './set-market.js';
import { openClient } from './trading.js';
import { inLanes } from './watched-trades.js';

const ORDERS = 600;

export async function place(servers: Servers, report: Report, rounds: number): Promise<void> {
  const database = createDatabase(servers.databaseUrl, { poolSize: 20 });
  const locks = new pg.Pool({ connectionString: servers.databaseUrl, max: 40 });
  const client = await openClient(servers);
  const paper = new PaperBroker({
    ...{ feed: new SetMarket(), clock: wallClock },
    ...{ pool: database.pool, openingCash: '100000000' },
  });
  const { placeOrder } = createOrderActivities({ prisma: database.prisma, locks, brokerOf: () => paper });
  const send = (input: TradeInput) => new MockActivityEnvironment().run(placeOrder, entryOf(input));
  try {
    for (let round = 1; round <= rounds; round++) {
      const ours = await ordersPerSecond(await trades(client, database), async (input) => void (await send(input)));
      const bare = await ordersPerSecond(await trades(client, database), async ({ trade, ticket }) => {
        await paper.place(trade.account, requestOf({ trade, ticket }));
      });
      report({
        ...{ name: 'entries sent, each exactly once', unit: 'a second', value: ours },
        reference: { name: 'bare calls to the paper broker', value: bare },
      });
    }
  } finally {
    await client.close();
    await locks.end();
    await database.close();
  }
}

type Client = Awaited<ReturnType<typeof openClient>>;

/** Admitted trades, each in an account of its own. */
async function trades({ newInput }: Client, { prisma }: Database): Promise<TradeInput[]> {
  const inputs: TradeInput[] = [];
  for (let count = 0; count < ORDERS; count++) {
    const userId = randomUUID() as UserId;
    await prisma.user.create({ data: { id: userId, email: `${userId}@bench.invalid`, passwordHash: 'none' } });
    const input = newInput(userId);
    await admitted(prisma, input);
    inputs.push(input);
  }
  return inputs;
}

function entryOf(input: TradeInput) {
  const { tradeId } = input.ticket;
  const { broker, account, side } = input.trade;
  const holding = { side, splits: [], external: [], absent: [] };
  return { tradeId, broker, account, leg: 'entry', generation: 1, request: requestOf(input), holding } as const;
}

function requestOf({ trade, ticket }: TradeInput): OrderRequest {
  const { symbol, assetClass, side, quantity, timeInForce, session } = trade;
  return {
    ...{ clientOrderId: clientOrderId(ticket.tradeId as TradeId, 'entry', 1), type: 'market' },
    ...{ symbol, assetClass, side, quantity, timeInForce, session },
  };
}

async function ordersPerSecond(inputs: TradeInput[], work: (input: TradeInput) => Promise<void>): Promise<number> {
  const began = performance.now();
  await inLanes(inputs, work);
  return inputs.length / ((performance.now() - began) / 1_000);
}
