/**
 * What was sent by the way around us, past the API and without our key, in the audit record, at a bounded rate: whoever
 * reaches Temporal can send it by the thousand, each row waits for the one before, and real events would stand between them.
 */
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { recordAudit } from './audit.js';
import { createRateLimiter } from './rate-limits.js';

/** Of one installation and action; the log names the others. */
const PER_MINUTE = { limit: 30, seconds: 60 };
const MORE = { limit: 1, seconds: 60 };

interface Forgery {
  action: 'trade.start_refused' | 'temporal.activity_refused';
  /** the workflow that it came from */
  subject: string;
  detail: Prisma.InputJsonObject;
}

export type RecordForgery = (forgery: Forgery) => Promise<void>;

export function createForgeryRecord(prisma: PrismaClient): RecordForgery {
  const limiter = createRateLimiter(prisma);
  return async ({ action, subject, detail }) => {
    const refused = { actor: 'unknown', action };
    if ((await limiter.hit({ key: `record:${action}`, ...PER_MINUTE })).allowed) {
      await recordAudit(prisma, { ...refused, subject, detail });
    } else if ((await limiter.hit({ key: `record:more:${action}`, ...MORE })).allowed) {
      await recordAudit(prisma, { ...refused, subject: 'more than are recorded', detail: { why: 'too_many' } });
    }
  };
}
