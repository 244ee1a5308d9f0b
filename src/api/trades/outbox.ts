/** Starts trades that were accepted but could not be started at once, and deletes old records. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TradeInput } from '../../domain/trade/request.js';
import { startOldest } from '../../storage/accepted-trades.js';
import { auditHead, headText } from '../../storage/audit-chain.js';
import { deleteOldKeys } from '../../storage/idempotency.js';
import { deleteExpiredWindows } from '../../storage/rate-limits.js';
import type { ApiDependencies } from '../dependencies.js';

const SWEEP_EVERY_MS = 2_000;
const TIDY_EVERY_MS = 3_600_000;
/** Newer trades are still being started by their own request. */
const LEFT_ALONE_MS = 3_000;
const STARTS_PER_SWEEP = 100;
/** So many failures in one sweep mean that Temporal is unreachable, not that a trade is faulty. */
const FAILURES_PER_SWEEP = 3;

type Dependencies = Pick<ApiDependencies, 'prisma' | 'trades' | 'tickets' | 'sessions' | 'registrations' | 'logger'>;

export interface Outbox {
  /** Ends after the current sweep. */
  stop(): Promise<void>;
}

/** Sweeps until stopped. Any number of processes may run it; no two take the same trade at once. */
export function runOutbox(dependencies: Dependencies): Outbox {
  const { logger, prisma, sessions, registrations } = dependencies;
  const stopping = new AbortController();
  const report = (work: string) => (error: unknown) =>
    logger.error({ err: error }, `${work} failed; it will be tried again`);

  async function run(): Promise<void> {
    let tidiedAt = 0;
    while (!stopping.signal.aborted) {
      await sweep(dependencies).catch(report('starting accepted trades'));
      if (Date.now() - tidiedAt > TIDY_EVERY_MS) {
        tidiedAt = Date.now();
        const now = new Date();
        const tidying = [
          ...[deleteOldKeys(prisma, now), deleteExpiredWindows(prisma)],
          ...[sessions.deleteExpired(now), registrations.deleteExpired(now)],
        ];
        await Promise.all(tidying).catch(report('deleting old records'));
        await logHead(dependencies).catch(report('logging the head of the audit record'));
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

/** Logs are stored apart from the database: with a head from a log, a truncated audit record is noticed. */
async function logHead({ prisma, logger }: Dependencies): Promise<void> {
  const head = await auditHead(prisma);
  if (head) logger.info({ head: headText(head) }, 'head of the audit record');
}

/** One pass over the trades whose start is not confirmed, oldest first; returns how many it started. */
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
      logger.warn({ err: error, tradeId: current }, 'could not start a trade yet');
    }
  }
  return started;
}
