import type { TradeInput } from '../../src/domain/trade/request.js';
import { ensureTradeRow } from '../../src/storage/trade-records.js';
import type { TestDatabase } from './database.js';

/** The rows of a trade that the risk check has admitted, for tests that begin after it. */
export async function admitted(prisma: TestDatabase['prisma'], input: TradeInput): Promise<void> {
  await ensureTradeRow(prisma, input);
  const { tradeId, userId } = input.ticket;
  const { account, symbol, quantity } = input.trade;
  const amounts = { daily: '1500', exposure: '1500', pending: '1500' };
  const day = new Date('2013-10-08');
  await prisma.reservation.create({ data: { tradeId, userId, account, symbol, quantity, day, ...amounts } });
}
