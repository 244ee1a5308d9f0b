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
import { readTail, senderOf } from './workflow-tail.js';

export interface GuardianClient {
  ensureGuardian(broker: string, account: string): Promise<void>;
  /** Starts a guardian anew that is stuck or has ended before its time, and answers which of the two it was. */
  reviveGuardian(broker: string, account: string): Promise<'stuck' | 'ended' | undefined>;
  standingOf(id: TradeId): Promise<WorkflowStanding>;
  terminate(id: TradeId, reason: string): Promise<void>;
  /** makes a trade look */
  wake(id: TradeId): Promise<void>;
  /** What people asked of the trade that its workflow did not come to hear, oldest first. */
  missedCommands(id: TradeId): Promise<Command[]>;
  senderOf(id: TradeId, command: Command): Promise<string | undefined>;
  restart(input: TradeInput, carried: TradeState, standing: WorkflowStanding): Promise<void>;
  closeTrade: TradeClient['close'];
}

/** A guardian that was called so recently is still there: it stays for minutes after the last call. */
const CALL_AGAIN_MS = 25_000;

/** The record of a command waits for its sender's name, and the trade for the record. */
const SENDER_WITHIN_MS = 2_000;

/** A workflow task that failed so often in a row will not come right by itself. */
const STUCK_FAILURES = 5;

/** `pauseMs` between two passes is the workflow's own 30 s unless a test says otherwise. */
export function createGuardianClient(client: Client, pauseMs?: number): GuardianClient {
  const calledAt = new Map<string, number>();
  const trades = createTradeClient(client);

  async function ensureGuardian(broker: string, account: string): Promise<void> {
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
  }

  return {
    ensureGuardian,
    reviveGuardian: async (broker, account) => {
      const { standing, runId } = await latestRun(client, guardianWorkflowId(account));
      if (standing !== 'stuck' && standing !== 'ended') return undefined;
      if (standing === 'stuck') await terminateRun(client, guardianWorkflowId(account), runId);
      calledAt.delete(account);
      await ensureGuardian(broker, account);
      return standing;
    },
    standingOf: async (id) => (await latestRun(client, tradeWorkflowId(id))).standing,
    terminate: async (id, reason) => {
      await client.workflow.getHandle(tradeWorkflowId(id)).terminate(reason);
    },
    senderOf: (id, command) =>
      client.withDeadline(Date.now() + SENDER_WITHIN_MS, () => senderOf(client, tradeWorkflowId(id), command)),
    missedCommands: async (id) => (await readTail(client, tradeWorkflowId(id))).commands,
    restart: async (input, carried, standing) => {
      try {
        await client.workflow.start(TRADE_WORKFLOW_TYPE, {
          ...tradeStartOptions(input),
          args: [input, carried],
          workflowIdReusePolicy: standing === 'completed' ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
        });
      } catch (error) {
        // Somebody was faster, or the trade completed in between: both are what was wanted.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    closeTrade: trades.close,
    wake: (id) => trades.hint(id, 'brokerEvent'),
  };
}

/** What became of a workflow: of its latest run, as the server says. */
async function latestRun(client: Client, workflowId: string): Promise<{ standing: WorkflowStanding; runId?: string }> {
  try {
    const { status, runId, raw } = await client.workflow.getHandle(workflowId).describe();
    const { attempt } = raw.pendingWorkflowTask ?? {};
    if (status.name === 'RUNNING' && attempt && (await isStuck(client, workflowId, attempt))) {
      return { standing: 'stuck', runId };
    }
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return { standing: 'running', runId };
    return { standing: status.name === 'COMPLETED' ? 'completed' : 'ended', runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { standing: 'missing' };
    throw error;
  }
}

/** A failure is in the history only when something else has happened since the one before; the others are in `attempt`. */
async function isStuck(client: Client, workflowId: string, attempt: number): Promise<boolean> {
  const { failures } = await readTail(client, workflowId);
  return failures + attempt - 1 >= STUCK_FAILURES;
}

/** Only that run: another keeper may have started the next one already. */
async function terminateRun(client: Client, workflowId: string, runId?: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId, runId).terminate('Its workflow task fails again and again.');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
