import { heartbeat, log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import type { Broker } from '../src/broker-port/broker.js';
import type { TradeId } from '../src/domain/ids.js';
import { applyCommand, type Command } from '../src/domain/trade/commands.js';
import { newTradeState } from '../src/domain/trade/new-trade.js';
import { applyOrderFacts } from '../src/domain/trade/order-facts.js';
import { isCoverUnsure } from '../src/domain/trade/protection.js';
import { note } from '../src/domain/trade/report.js';
import type { TradeInput } from '../src/domain/trade/request.js';
import type { TradeState } from '../src/domain/trade/state.js';
import { raiseAccountAlertToAll } from '../src/storage/account-alerts.js';
import { recordAudit } from '../src/storage/audit.js';
import { type GuardedTrade, guardedTrades, isGuarded, raiseAlert } from '../src/storage/guarded-trades.js';
import { orderFacts } from '../src/storage/orders.js';
import { compareAccount } from './account-comparison.js';
import type { GuardedAccount, GuardianActivities, GuardianMemory, GuardianPass } from './contracts.js';
import { lastHeartbeat } from './last-heartbeat.js';
import { reportUnreadable } from './unreadable-rows.js';
import { withHeartbeat } from './with-heartbeat.js';

/**
 * What became of a trade's workflow, as the server says, not as a list says. `stuck`: it runs, and its workflow task fails
 * again and again.
 */
export type WorkflowStanding = 'running' | 'stuck' | 'completed' | 'ended' | 'missing';

export interface GuardianDependencies {
  prisma: PrismaClient;
  brokerOf(name: string): Broker;
  standingOf(id: TradeId): Promise<WorkflowStanding>;
  terminate(id: TradeId, reason: string): Promise<void>;
  /** makes a trade look */
  wake(id: TradeId): Promise<void>;
  /** Commands to the trade that its workflow did not receive, oldest first. */
  missedCommands(id: TradeId): Promise<Command[]>;
  /** Starts the trade's workflow again, under its id, unless it runs or has just completed by itself. */
  restart(input: TradeInput, carried: TradeState, standing: WorkflowStanding): Promise<void>;
}

/** A trade that has not looked for so long is frozen: its workflow fails, or no worker runs. */
const FROZEN_AFTER_MS = 150_000;
/** One that may have shares without a stop looks every five seconds. */
const FROZEN_WHILE_UNSURE_MS = 30_000;
/** A trade whose task fails again and again is left so long to come right: its shares may be without a stop meanwhile. */
const STUCK_AFTER_MS = 20_000;
/** A comparison with the broker that has failed for so long is an alert of its own. */
const BLIND_AFTER_MS = 90_000;
/** A trade younger than this may still be starting. */
const YOUNG_MS = 5_000;
/** Why a trade had to be adopted, for people. */
const ENDS = {
  missing: 'gone',
  ended: 'terminated or had failed',
  completed: 'completed by somebody else',
  stuck: 'failing again and again',
};

/** One pass over an account. */
interface Pass {
  broker: string;
  account: string;
  /** what the pass before has left, until the account has been compared */
  memory: GuardianMemory;
}

export function createGuardianActivities(dependencies: GuardianDependencies): GuardianActivities {
  const { prisma, brokerOf, standingOf, terminate, missedCommands, restart } = dependencies;

  /** What was noticed before this pass is known to the next attempt as well, whatever becomes of this one. */
  function guardAccount({ broker, account, ...atLastPass }: GuardedAccount): Promise<GuardianPass> {
    const pass = { broker, account, memory: lastHeartbeat<GuardianMemory>() ?? atLastPass };
    return withHeartbeat(
      () => guardOnce(pass),
      () => pass.memory,
    );
  }

  async function guardOnce(pass: Pass): Promise<GuardianPass> {
    const { account } = pass;
    const trades = await guardedTrades(prisma, account, new Date(Date.now() - YOUNG_MS));
    const adopted: TradeId[] = [];
    const failures: unknown[] = [];
    for (const trade of trades) {
      try {
        if (await isAdopted(trade)) adopted.push(trade.id);
      } catch (error) {
        log.error('A trade could not be guarded. The others are.', { tradeId: trade.id, error: String(error) });
        failures.push(error);
      }
    }
    await compare(pass);
    // Failing makes the pass be tried again soon.
    if (failures.length > 0) throw failures[0];
    const unsure = trades.filter(({ state }) => state !== undefined && isCoverUnsure(state)).length;
    const unseen = Object.keys(pass.memory.unseenSince ?? {}).length;
    return { guarded: trades.length, unsure: unsure + unseen, adopted, ...pass.memory };
  }

  /** What could not be seen, what was not seen, and since when. */
  async function compare(pass: Pass): Promise<void> {
    const { broker, account, memory: before } = pass;
    const { unseenSince = {} } = before;
    const compared = await compareAccount(dependencies, brokerOf(broker), account, unseenSince);
    const unreadable = compared?.unreadable;
    const now = Date.now();
    pass.memory = {
      blindSince: unreadable ? undefined : (before.blindSince ?? now),
      unreadableSince: unreadable?.length === 0 ? undefined : (before.unreadableSince ?? (unreadable && now)),
      unseenSince: compared ? compared.unseenSince : unseenSince,
    };
    heartbeat(pass.memory);
    const { blindSince, unreadableSince } = pass.memory;
    if (blindSince !== undefined && now - blindSince >= BLIND_AFTER_MS) await reportBlind(account, blindSince);
    if (unreadableSince !== undefined && now - unreadableSince >= BLIND_AFTER_MS)
      for (const row of unreadable ?? []) await reportUnreadable(prisma, account, row, unreadableSince);
  }

  async function reportBlind(account: string, blindSince: number): Promise<void> {
    const since = new Date(blindSince).toISOString();
    const message = `Account ${account} could not be compared with its broker since ${since}: an order that no trade knows would not be found. Check the broker's login and the worker's log.`;
    const key = `${account}:blind:${blindSince}`;
    await raiseAccountAlertToAll(prisma, account, { severity: 1, code: 'guardian_blind', message, key });
  }

  async function isAdopted(trade: GuardedTrade): Promise<boolean> {
    const standing = await standingOf(trade.id);
    if (standing === 'running' || standing === 'stuck') {
      await watchFrozen(trade);
      if (standing === 'running' || sinceLook(trade) < STUCK_AFTER_MS) return false;
      // It receives nothing and guards nothing any more; a new run goes on from what was recorded.
      await terminate(trade.id, 'Its workflow task fails again and again, so the guardian takes the trade over.');
    }
    // A trade records its end before its workflow completes; the record may have come since the trades were read.
    if (standing === 'completed' && !(await isGuarded(prisma, trade.id))) return false;
    await adopt(trade, standing);
    return true;
  }

  async function watchFrozen(trade: GuardedTrade): Promise<void> {
    const isUnsure = trade.state !== undefined && isCoverUnsure(trade.state);
    if (sinceLook(trade) < (isUnsure ? FROZEN_WHILE_UNSURE_MS : FROZEN_AFTER_MS)) return;
    const seen = lastSeen(trade);
    const protects = isUnsure ? 'It may have shares without a stop.' : 'A stop at the broker keeps working.';
    const message = `Trade ${trade.id} has not read the market since ${seen.toISOString()}. ${protects} Check the workers.`;
    await raiseAlert(prisma, trade, {
      severity: 1,
      code: 'trade_frozen',
      message,
      key: `${trade.id}:frozen:${seen.getTime()}`,
    });
  }

  /** From the database's state and the orders it knows; whatever is unsure there is looked for before anything is sent. */
  async function adopt(trade: GuardedTrade, standing: keyof typeof ENDS): Promise<void> {
    const now = Date.now();
    const carried = trade.state ?? newTradeState(trade.input, trade.workflowId, now);
    applyOrderFacts(carried, await orderFacts(prisma, trade.id), now);
    carried.monitor.lookWanted = true;
    note(carried, now, 'adopted', `${now}`, { from: standing });
    if (standing !== 'missing')
      for (const command of await missedCommands(trade.id)) applyCommand(carried, command, now);
    log.warn('Restarting a trade whose workflow has ended.', { tradeId: trade.id, standing });
    await restart(trade.input, carried, standing);
    await recordAudit(prisma, {
      actor: 'system',
      action: 'trade.adopted',
      subject: trade.id,
      detail: { standing },
    });
    const message = `The guardian restarted trade ${trade.id}: its workflow was ${ENDS[standing]}.`;
    await raiseAlert(prisma, trade, { severity: 2, code: 'trade_adopted', message, key: `${trade.id}:adopted:${now}` });
  }

  return { guardAccount };
}

function lastSeen({ lookedAt, createdAt }: GuardedTrade): Date {
  return lookedAt ?? createdAt;
}

/** milliseconds */
function sinceLook(trade: GuardedTrade): number {
  return Date.now() - lastSeen(trade).getTime();
}
