import { activityInfo, heartbeat, log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import type { TradeId } from '../src/domain/ids.js';
import { liveTradeIds } from '../src/storage/trade-queries.js';
import type { FlattenActivities, FlattenRequest } from './contracts.js';

export interface FlattenDependencies {
  prisma: PrismaClient;
  closeTrade(id: TradeId, wish: { by: string; reason: 'kill_switch' }): Promise<void>;
}

/** So many trades are told at once; more would only queue at Temporal. */
const TOLD_AT_ONCE = 20;

export function createFlattenActivities({ prisma, closeTrade }: FlattenDependencies): FlattenActivities {
  async function closeTrades({ by, owner }: FlattenRequest): Promise<number> {
    const live = await liveTradeIds(prisma, owner === undefined ? {} : { userId: owner });
    const told = new Set((activityInfo().heartbeatDetails as TradeId[] | undefined) ?? []);
    const ids = live.filter((id) => !told.has(id));
    const failures: unknown[] = [];
    const tell = async (tradeId: TradeId) => {
      try {
        await closeTrade(tradeId, { by, reason: 'kill_switch' });
        told.add(tradeId);
      } catch (error) {
        log.warn('a trade could not be told to close; it will be told again', { tradeId, error: String(error) });
        failures.push(error);
      }
    };
    for (let start = 0; start < ids.length; start += TOLD_AT_ONCE) {
      await Promise.all(ids.slice(start, start + TOLD_AT_ONCE).map(tell));
      // The next attempt tells the others only. To be told twice, by one that died before this, does no harm.
      heartbeat([...told]);
    }
    // One that ended meanwhile is not among them the next time, one without a workflow is adopted.
    if (failures.length > 0) throw failures[0];
    return told.size;
  }

  return { closeTrades };
}
