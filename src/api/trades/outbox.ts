/** Starts what was accepted but could not be started at once, and tidies up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TradeInput } from '../../domain/trade/request.js';
import { startOldest } from '../../storage/accepted-trades.js';
import { auditHead, headText } from '../../storage/audit-chain.js';
import { deleteOldKeys } from '../../storage/idempotency.js';
import { deleteExpiredWindows } from '../../storage/rate-limits.js';
import type { ApiDependencies } from '../dependencies.js';

const SWEEP_EVERY_MS = 2_000;
const TIDY_EVERY_MS = 3_600_000;
/** Younger trades are still being started by the request that brought them. */
const LEFT_ALONE_MS = 3_000;
const STARTS_PER_SWEEP = 100;
/** So many failures in one sweep mean that Temporal is away, not that a trade is bad. */
const FAILURES_PER_SWEEP = 3;

type Dependencies = Pick<ApiDependencies, 'prisma' | 'trades' | 'tickets' | 'sessions' | 'logger'>;

export interface Outbox {
  /** Ends after the sweep that is going on. */
  stop(): Promise<void>;
}

/** Sweeps until it is stopped. Any number of processes may; no trade is taken by two at once. */
export function runOutbox(dependencies: Dependencies): Outbox {
  const { logger, prisma, sessions } = dependencies;
  const stopping = new AbortController();
  const report = (work: string) => (error: unknown) =>
    logger.error({ err: error }, `${work} failed and is tried again`);

  async function run(): Promise<void> {
    let tidiedAt = 0;
    while (!stopping.signal.aborted) {
      await sweep(dependencies).catch(report('starting accepted trades'));
      if (Date.now() - tidiedAt > TIDY_EVERY_MS) {
        tidiedAt = Date.now();
        const now = new Date();
        const tidying = [deleteOldKeys(prisma, now), deleteExpiredWindows(prisma), sessions.forgetOver(now)];
        await Promise.all(tidying).catch(report('tidying up'));
        await tellHead(dependencies).catch(report('telling the head of the audit record'));
      }
      await sleep(SWEEP_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** Logs are kept elsewhere than the database: with a head from them, nobody cuts off the record's end unseen. */
async function tellHead({ prisma, logger }: Dependencies): Promise<void> {
  const head = await auditHead(prisma);
  if (head) logger.info({ head: headText(head) }, 'the head of the audit record');
}

/** One pass over the trades whose start is not confirmed, oldest first; answers how many it started. */
export async function sweep({ prisma, trades, tickets, logger }: Dependencies): Promise<number> {
  const before = new Date(Date.now() - LEFT_ALONE_MS);
  const failed: string[] = [];
  let started = 0;
  while (started < STARTS_PER_SWEEP && failed.length < FAILURES_PER_SWEEP) {
    let current: string | undefined;
    const start = async ({ trade, ticket }: TradeInput) => {
      current = ticket.tradeId;
      await trades.start({ trade, ticket: tickets.renew(ticket, Date.now()) });
    };
    try {
      if ((await startOldest(prisma, { before, except: failed }, start)) === undefined) break;
      started += 1;
    } catch (error) {
      if (current === undefined) throw error;
      failed.push(current);
      logger.warn({ err: error, tradeId: current }, 'a trade could not be started yet');
    }
  }
  return started;
}
