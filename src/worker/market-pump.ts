import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { decimal } from '../domain/decimal.js';
import { type TradeId, tradeIdOfClientOrder } from '../domain/ids.js';
import type { Quote } from '../domain/market.js';
import type { Logger } from '../platform/logger.js';
import { type WatchedLevels, watchedLevels } from '../storage/watched-levels.js';

/** A broker whose market moves on only when somebody asks: the paper broker. */
export interface AdvancingBroker {
  quotes(symbols: readonly string[]): Promise<Quote[]>;
  advanceAll(): Promise<{ clientOrderId: string }[]>;
}

export interface MarketPumpDependencies {
  prisma: PrismaClient;
  locks: pg.Pool;
  broker: AdvancingBroker;
  hint(tradeId: TradeId, event: 'brokerEvent' | 'priceEvent'): Promise<void>;
  logger: Logger;
}

const PACE_MS = 250;
/** One trade is not told of the same crossed level more often than this; it looks by itself every minute. */
const REPEAT_MS = 5_000;
const LEADER_LOCK = 'market-pump';
const LEADER_RETRY_MS = 2_000;

/**
 * Moves the paper market on and wakes the trades it concerns: an order that filled, a price that crossed a stop or a
 * target. Only hints: a pump that dies costs time, never money. One process of all does it, by a session lock.
 */
export async function runMarketPump(dependencies: MarketPumpDependencies, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await lead(dependencies, stop).catch((error: unknown) => {
      if (!stop.aborted) dependencies.logger.warn({ error }, 'the market pump stumbled; it goes on');
    });
    await rest(LEADER_RETRY_MS, stop);
  }
}

async function lead(dependencies: MarketPumpDependencies, stop: AbortSignal): Promise<void> {
  const connection = await dependencies.locks.connect();
  let isLost = false;
  connection.on('error', () => {
    isLost = true;
  });
  try {
    const { rows } = await connection.query<{ got: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
      [LEADER_LOCK],
    );
    if (!rows[0]?.got) return;
    const told = new Map<TradeId, number>();
    while (!stop.aborted && !isLost) {
      await beat(dependencies, told);
      await rest(PACE_MS, stop);
    }
  } finally {
    // A closed session gives its lock back, whatever state this one is in.
    connection.release(true);
  }
}

async function beat({ prisma, broker, hint }: MarketPumpDependencies, told: Map<TradeId, number>): Promise<void> {
  const changes = await broker.advanceAll();
  const touched = new Set(changes.flatMap(({ clientOrderId }) => tradeIdOfClientOrder(clientOrderId) ?? []));
  await Promise.all([...touched].map((id) => hint(id, 'brokerEvent')));
  const watched = await watchedLevels(prisma);
  if (watched.length === 0) return;
  const quotes = await broker.quotes([...new Set(watched.map(({ symbol }) => symbol))]);
  const now = Date.now();
  const crossed = watched.filter(
    (levels) => isCrossed(levels, quotes) && now - (told.get(levels.id) ?? 0) >= REPEAT_MS,
  );
  for (const { id } of crossed) told.set(id, now);
  await Promise.all(crossed.map(({ id }) => hint(id, 'priceEvent')));
}

function isCrossed({ symbol, side, stopPrice, takeProfitPrice }: WatchedLevels, quotes: readonly Quote[]): boolean {
  const quote = quotes.find((candidate) => candidate.symbol === symbol);
  const text = side === 'buy' ? quote?.bid : quote?.ask;
  if (text === undefined) return false;
  const price = decimal(text);
  const [floor, ceiling] = side === 'buy' ? [stopPrice, takeProfitPrice] : [takeProfitPrice, stopPrice];
  return (floor !== null && price.atMost(decimal(floor))) || (ceiling !== null && price.atLeast(decimal(ceiling)));
}

async function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal: stop }).catch(() => {});
}
