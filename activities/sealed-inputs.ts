import { ApplicationFailure, type Context, log } from '@temporalio/activity';
import { isSealed, UNSEALED } from '../src/domain/sealed.js';
import type { RecordForgery } from '../src/storage/forgeries.js';

interface Execution {
  args: unknown[];
}

/**
 * An interceptor: activities do only what workflows of ours ask for, as whoever reaches the Temporal server can schedule
 * them. What somebody else asks for leaves an audit event (of a flood: some).
 */
export const sealedInputs =
  (recordForgery: RecordForgery) =>
  ({ info }: Context) => ({
    inbound: {
      execute: async <Input extends Execution>(input: Input, next: (input: Input) => Promise<unknown>) => {
        if (input.args.every(isSealed)) return next(input);
        const { activityType: activity, workflowExecution } = info;
        const subject = workflowExecution?.workflowId ?? 'no workflow';
        log.warn('A call of an activity that was not encrypted by us was refused.', { activity, subject });
        await recordForgery({ action: 'temporal.activity_refused', subject, detail: { activity } });
        const message = 'The input was not encrypted with a key of this installation.';
        throw ApplicationFailure.nonRetryable(message, UNSEALED);
      },
    },
  });
