import { randomUUID } from 'node:crypto';
import type { DecimalString } from '../../src/domain/decimal.js';
import { DependencyUnavailable, Refused } from '../../src/domain/errors.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { isFinalStatus } from '../../src/domain/trade/status.js';
import { insertAcceptedTrade, markStarted } from '../../src/storage/accepted-trades.js';
import type { Trading } from '../support/trading.js';

/** A frozen worker swallows tasks, a minute of them at the worst. */
const PATIENCE_MS = 180_000;

/** A whole life of a trade: bought, protected, its stop moved, closed manually. Whoever works may die at any moment of it. */
export async function liveThrough(trading: Trading, input: TradeInput): Promise<void> {
  const { trades, until } = trading;
  const id = input.ticket.tradeId;
  await accept(trading, input);
  await until({ id }, (view) => view.status === 'open' && view.stopKind === 'broker', PATIENCE_MS);
  await moveStop(trades, id, '145');
  await trades.close(id, { by: 'a test' });
  await until({ id }, (view) => isFinalStatus(view.status), PATIENCE_MS);
}

/** As the API does it: the row first, then the start. */
export async function accept({ database, trades }: Trading, input: TradeInput): Promise<void> {
  await insertAcceptedTrade(database.prisma, input);
  await trades.start(input);
  await markStarted(database.prisma, input.ticket.tradeId);
}

/**
 * As a client does that wants an answer: the same request under the same id until there is one. If the answer is that the change
 * never reached the broker, it asks anew.
 */
async function moveStop(trades: Trading['trades'], id: TradeId, stopPrice: string): Promise<void> {
  let updateId = randomUUID();
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await trades.adjustExits(id, { stopPrice: stopPrice as DecimalString }, updateId);
      return;
    } catch (error) {
      if (Date.now() > deadline || !mayAskAgain(error)) throw error;
      if (error instanceof Refused) updateId = randomUUID();
    }
  }
}

function mayAskAgain(error: unknown): boolean {
  return error instanceof DependencyUnavailable || (error instanceof Refused && /never reached/.test(error.message));
}
