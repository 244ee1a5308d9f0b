/** How the guardian's activities and the workers talk to Temporal. */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowStanding } from '../../activities/guardian.activities.js';
import { guard } from '../../workflows/guardian/guardian.messages.js';
import {
  GUARDIAN_TASK_QUEUE,
  GUARDIAN_WORKFLOW_TYPE,
  guardianWorkflowId,
  TRADE_WORKFLOW_TYPE,
  type TradeId,
  tradeWorkflowId,
} from '../domain/ids.js';
import type { Command } from '../domain/trade/commands.js';
import type { TradeInput } from '../domain/trade/request.js';
import type { TradeState } from '../domain/trade/state.js';
import { createTradeClient, type TradeClient, tradeStartOptions } from './trade-client.js';
import { readTail } from './workflow-tail.js';

export interface GuardianClient {
  ensureGuardian(broker: string, account: string): Promise<void>;
  standingOf(id: TradeId): Promise<WorkflowStanding>;
  terminate(id: TradeId, reason: string): Promise<void>;
  /** What people asked of the trade that its workflow did not come to hear, oldest first. */
  missedCommands(id: TradeId): Promise<Command[]>;
  restart(input: TradeInput, carried: TradeState): Promise<void>;
  closeTrade: TradeClient['close'];
}

/** A guardian that was called so recently is still there: it stays for minutes after the last call. */
const CALL_AGAIN_MS = 25_000;

/** A workflow task that failed so often in a row will not come right by itself. */
const STUCK_FAILURES = 5;

/** `pauseMs` between two passes is the workflow's own 30 s unless a test says otherwise. */
export function createGuardianClient(client: Client, pauseMs?: number): GuardianClient {
  const calledAt = new Map<string, number>();
  return {
    ensureGuardian: async (broker, account) => {
      const now = Date.now();
      if (now - (calledAt.get(account) ?? 0) < CALL_AGAIN_MS) return;
      await client.workflow.signalWithStart(GUARDIAN_WORKFLOW_TYPE, {
        workflowId: guardianWorkflowId(account),
        taskQueue: GUARDIAN_TASK_QUEUE,
        args: [{ broker, account, ...(pauseMs === undefined ? {} : { pauseMs }) }],
        signal: guard,
        staticSummary: `Guards the open trades of ${account}`,
      });
      calledAt.set(account, now);
    },
    standingOf: async (id) => {
      try {
        const { status, raw } = await client.workflow.getHandle(tradeWorkflowId(id)).describe();
        const { attempt } = raw.pendingWorkflowTask ?? {};
        if (status.name === 'RUNNING') return attempt && (await isStuck(client, id, attempt)) ? 'stuck' : 'running';
        if (status.name === 'PAUSED') return 'running';
        return status.name === 'COMPLETED' ? 'completed' : 'ended';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'missing';
        throw error;
      }
    },
    terminate: async (id, reason) => {
      await client.workflow.getHandle(tradeWorkflowId(id)).terminate(reason);
    },
    missedCommands: async (id) => (await readTail(client, tradeWorkflowId(id))).commands,
    restart: async (input, carried) => {
      try {
        await client.workflow.start(TRADE_WORKFLOW_TYPE, {
          ...tradeStartOptions(input),
          args: [input, carried],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        });
      } catch (error) {
        // Somebody was faster, or the trade completed in between: both are what was wanted.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    closeTrade: createTradeClient(client).close,
  };
}

/** A failure is in the history only when something else has happened since the one before; the others are in `attempt`. */
async function isStuck(client: Client, id: TradeId, attempt: number): Promise<boolean> {
  const { failures } = await readTail(client, tradeWorkflowId(id));
  return failures + attempt - 1 >= STUCK_FAILURES;
}
