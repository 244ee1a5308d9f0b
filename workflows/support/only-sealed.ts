/**
 * Who may speak to a workflow. Whoever reaches the Temporal server may start `trade` with one argument, close and cancel a
 * trade, and say that something has happened. Everything else counts only when it was encrypted with a key of this
 * installation (src/temporal/payload-encryption.ts), and a change of a trade only in the update that it was made for.
 */
import { ApplicationFailure, log, type WorkflowInterceptorsFactory, workflowInfo } from '@temporalio/workflow';
import { TRADE_WORKFLOW_TYPE } from '../../src/domain/ids.js';
import { isSealed, UNSEALED } from '../../src/domain/sealed.js';
import { believed } from '../../src/domain/trade/commands.js';
import type { OfUpdate } from '../trade/trade.messages.js';

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: (input, next) => {
        const args = ofStart(input.args);
        // To throw would fail the task, again and again.
        return args ? next({ ...input, args }) : Promise.reject(unsealed());
      },
      handleSignal: (input, next) => next({ ...input, args: input.args.map(believed) }),
      validateUpdate: (input, next) => {
        if (!input.args.every((arg) => isSealed(arg) && (arg as OfUpdate).update === ofUpdate(input))) throw unsealed();
        next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => ofActivity(input.activityType, await next(input)),
      scheduleLocalActivity: async (input, next) => ofActivity(input.activityType, await next(input)),
    },
  ],
});

/** A trade's start has a ticket; its second argument, the state to go on with, only comes from another run or the guardian. */
function ofStart(args: unknown[]): unknown[] | undefined {
  if (workflowInfo().workflowType === TRADE_WORKFLOW_TYPE) {
    return args.filter((arg, index) => index === 0 || isSealed(arg));
  }
  return args.every(isSealed) ? args : undefined;
}

function ofUpdate({ name, updateId }: { name: string; updateId: string }): string {
  return `${name} ${updateId}`;
}

/** The record of a trade is written, and nothing is answered. */
const WITHOUT_ANSWER = 'recordTrade';

/** A rogue worker may poll the queue of an activity. */
function ofActivity(activity: string, answer: unknown): unknown {
  if (isSealed(answer) || activity === WITHOUT_ANSWER) return answer;
  const message = `The answer of ${activity} was not encrypted with a key of this installation.`;
  log.error('Somebody else answers activities of this installation. Look for foreign workers.', { activity });
  throw ApplicationFailure.create({ type: UNSEALED, message });
}

function unsealed(): ApplicationFailure {
  const message = 'This must be encrypted with a key of this installation, for this workflow and this place.';
  return ApplicationFailure.nonRetryable(message, UNSEALED);
}
