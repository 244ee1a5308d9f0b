/**
 * Starts that nobody permitted, in the audit record, at a bounded rate: whoever reaches Temporal can send them by the
 * thousand, each row waits for the one before, and real events would stand between them.
 */
import type { PrismaClient } from '../../prisma/generated/client.js';
import { recordAudit } from './audit.js';
import { createRateLimiter } from './rate-limits.js';

/** Of one installation; the log names the others. */
const PER_MINUTE = { key: 'record:forged-starts', limit: 30, seconds: 60 };
const MORE = { key: 'record:more-forged-starts', limit: 1, seconds: 60 };

export type RecordForgedStart = (workflowId: string, why: string) => Promise<void>;

export function createForgedStarts(prisma: PrismaClient): RecordForgedStart {
  const limiter = createRateLimiter(prisma);
  const refused = { actor: 'unknown', action: 'trade.start_refused' } as const;
  return async (workflowId, why) => {
    if ((await limiter.hit(PER_MINUTE)).allowed) {
      await recordAudit(prisma, { ...refused, subject: workflowId, detail: { why } });
    } else if ((await limiter.hit(MORE)).allowed) {
      await recordAudit(prisma, { ...refused, subject: 'more than are recorded', detail: { why: 'too_many' } });
    }
  };
}
