import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Quote } from '../domain/market.js';
import type { Logger } from '../platform/logger.js';
import type { OrderReport } from '../storage/known-orders.js';
import { runAsLeader } from './leader.js';
import { LevelIndex } from './level-index.js';
import { createLevelReader } from './level-reader.js';
import { createOrderNews } from './order-news.js';
import { type Hint, PriceHints } from './price-hints.js';

/** A broker whose market moves on only when somebody asks: the paper broker. */
interface AdvancingBroker {
  name: string;
  quotes(symbols: readonly string[]): Promise<Quote[]>;
  advanceAll(): Promise<OrderReport[]>;
}

export interface MarketPumpDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  broker: AdvancingBroker;
  hint: Hint;
  logger: Logger;
}

const PACE_MS = 250;

/** Moves the paper market on and wakes the trades it concerns: an order filled, or a price crossed an entry, a stop or a target. */
export function runMarketPump(dependencies: MarketPumpDependencies, stop: AbortSignal): Promise<void> {
  const { prisma, locks, broker, hint, logger } = dependencies;
  const wakeByOrders = createOrderNews(prisma, hint);
  const hints = new PriceHints(hint);
  const levels = new LevelIndex(() => broker.name);
  const readLevels = createLevelReader(prisma, [broker.name], levels);

  async function beat(): Promise<void> {
    await wakeByOrders(await broker.advanceAll());
    await readLevels();
    const quotes = await broker.quotes(levels.symbols(broker.name));
    await hints.give(quotes.flatMap((quote) => levels.crossedBy(broker.name, quote)));
  }

  return runAsLeader({ name: 'market-pump', locks, paceMs: PACE_MS, beat, logger }, stop);
}
