import { heartbeat, log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import type { TradeId } from '../src/domain/ids.js';
import { liveTradeIds } from '../src/storage/trade-queries.js';
import type { FlattenActivities, Flattened, FlattenRequest } from './contracts.js';
import { lastHeartbeat } from './last-heartbeat.js';

export interface FlattenDependencies {
  prisma: PrismaClient;
  closeTrade(id: TradeId, command: { by: string; reason: 'kill_switch' }): Promise<void>;
}

/** So many commands are sent at once; more would only queue at Temporal. */
const SENT_AT_ONCE = 20;

export function createFlattenActivities({ prisma, closeTrade }: FlattenDependencies): FlattenActivities {
  async function closeTrades({ by, owner }: FlattenRequest): Promise<Flattened> {
    const live = await liveTradeIds(prisma, owner === undefined ? {} : { userId: owner });
    const reached = new Set(lastHeartbeat<TradeId[]>());
    const ids = live.filter((id) => !reached.has(id));
    const failures: unknown[] = [];
    const send = async (tradeId: TradeId) => {
      try {
        await closeTrade(tradeId, { by, reason: 'kill_switch' });
        reached.add(tradeId);
      } catch (error) {
        log.warn('A trade did not receive the command to close. It will be sent again.', {
          tradeId,
          error: String(error),
        });
        failures.push(error);
      }
    };
    for (let start = 0; start < ids.length; start += SENT_AT_ONCE) {
      await Promise.all(ids.slice(start, start + SENT_AT_ONCE).map(send));
      // The next attempt sends it to the others only. To receive it twice, after a crash before this, does no harm.
      heartbeat([...reached]);
    }
    // One that ended meanwhile is not among them the next time, one without a workflow is adopted.
    if (failures.length > 0) throw failures[0];
    return { reached: reached.size };
  }

  return { closeTrades };
}
