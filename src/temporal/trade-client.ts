/** The one way in which anything outside of a workflow starts and talks to trades. */
import { randomUUID } from 'node:crypto';
import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  type SearchAttributePair,
  TypedSearchAttributes,
  type UpdateDefinition,
} from '@temporalio/common';
import type { FlattenRequest } from '../../activities/contracts.js';
import {
  type AdjustExits,
  adjustExits,
  brokerEvent,
  type CommandDetails,
  cancelTrade,
  closeTrade,
  lookNow,
  type OfUpdate,
  priceEvent,
  type ReplaceOrder,
  type RiskVerdict,
  replaceOrder,
  riskVerdict,
  tradeState,
} from '../../workflows/trade/trade.messages.js';
import { type ArbionError, DependencyUnavailable, Refused } from '../domain/errors.js';
import {
  FLATTEN_WORKFLOW_TYPE,
  flattenWorkflowId,
  GUARDIAN_TASK_QUEUE,
  TRADE_WORKFLOW_TYPE,
  TRADES_TASK_QUEUE,
  type TradeId,
  tradeWorkflowId,
} from '../domain/ids.js';
import {
  ARBION_BROKER,
  ARBION_STATUS,
  ARBION_STRATEGY,
  ARBION_SYMBOL,
  ARBION_USER,
} from '../domain/search-attributes.js';
import { exitTime } from '../domain/trade/exit-time.js';
import type { StartTicket, TradeInput, TradeRequest } from '../domain/trade/request.js';
import type { Reason } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';

/** How long a caller waits for the risk verdict before the answer is "not known yet". */
const VERDICT_TIMEOUT_MS = 5_000;
/** An update passes the broker, which may need its 10 s; a signal or a query does not. */
const UPDATE_TIMEOUT_MS = 14_000;
const MESSAGE_TIMEOUT_MS = 5_000;

export interface TradeClient {
  /** Starts the trade, once however often it is asked, and answers its risk verdict, or undefined when it is not known in time. */
  startForVerdict(input: TradeInput): Promise<RiskVerdict | undefined>;
  /** Starts the trade, once however often it is asked. @throws DependencyUnavailable without Temporal. */
  start(input: TradeInput): Promise<void>;

  /** Sends every open trade the command to close, and repeats it until each has it. @throws DependencyUnavailable */
  closeAll(request: FlattenRequest): Promise<void>;

  /** Each answers when the workflow has it. @throws Refused `invalid-state` when the trade's workflow has ended. */
  close(tradeId: TradeId, command: CommandDetails): Promise<void>;
  cancel(tradeId: TradeId, command: CommandDetails): Promise<void>;
  /** Updates answer the trade as it then is. `updateId` makes a repeat the same update. @throws Refused as the trade says. */
  replaceOrder(tradeId: TradeId, change: ReplaceOrder, updateId?: string): Promise<TradeView>;
  adjustExits(tradeId: TradeId, change: AdjustExits, updateId?: string): Promise<TradeView>;
  lookNow(tradeId: TradeId): Promise<TradeView>;
  state(tradeId: TradeId): Promise<TradeView>;
  /** Makes the trade look at the broker and the quote; a trade that has ended needs no hint. */
  hint(tradeId: TradeId, event: 'brokerEvent' | 'priceEvent'): Promise<void>;
}

export function createTradeClient(client: Client): TradeClient {
  const handle = (tradeId: TradeId): WorkflowHandle => client.workflow.getHandle(tradeWorkflowId(tradeId));

  const within = <Result>(timeoutMs: number, call: () => Promise<Result>): Promise<Result> =>
    client.withDeadline(Date.now() + timeoutMs, call).catch((error: unknown) => {
      throw translated(error);
    });

  // One id for all tries of a call: a try that was heard after all is not done a second time.
  const update = (
    call: (updateId: string) => Promise<TradeView>,
    updateId: string = randomUUID(),
  ): Promise<TradeView> => within(UPDATE_TIMEOUT_MS, () => askedAgainWhenDropped(() => call(updateId)));
  const message = <Result>(call: () => Promise<Result>): Promise<Result> => within(MESSAGE_TIMEOUT_MS, call);

  return {
    startForVerdict: async (input) => {
      const startWorkflowOperation = new WithStartWorkflowOperation(TRADE_WORKFLOW_TYPE, tradeStartOptions(input));
      try {
        return await within(VERDICT_TIMEOUT_MS, () =>
          client.workflow.executeUpdateWithStart(riskVerdict, { startWorkflowOperation, updateId: 'risk-verdict' }),
        );
      } catch (error) {
        // Started or not: the row waits in the outbox until a start is confirmed, and starts are the same start.
        if (error instanceof DependencyUnavailable || isAlreadyEnded(error)) return undefined;
        throw error;
      }
    },
    start: async (input) => {
      try {
        await message(() => client.workflow.start(TRADE_WORKFLOW_TYPE, tradeStartOptions(input)));
      } catch (error) {
        if (!isAlreadyEnded(error)) throw error;
      }
    },

    closeAll: async (request) => {
      await message(() =>
        client.workflow.start(FLATTEN_WORKFLOW_TYPE, {
          workflowId: flattenWorkflowId(request.owner),
          taskQueue: GUARDIAN_TASK_QUEUE,
          args: [request],
          // It also covers the trades that an earlier request has not reached yet.
          workflowIdConflictPolicy: 'TERMINATE_EXISTING',
          staticSummary: `Closes all open trades of ${request.owner ?? 'all users'}: kill switch`,
        }),
      );
    },
    close: (tradeId, command) => message(() => handle(tradeId).signal(closeTrade, command)),
    cancel: (tradeId, command) => message(() => handle(tradeId).signal(cancelTrade, command)),
    replaceOrder: (tradeId, change, id) =>
      update((updateId) => changed(handle(tradeId), replaceOrder, change, updateId), id),
    adjustExits: (tradeId, change, id) =>
      update((updateId) => changed(handle(tradeId), adjustExits, change, updateId), id),
    lookNow: (tradeId) => update((updateId) => handle(tradeId).executeUpdate(lookNow, { updateId })),
    state: (tradeId) => message(() => handle(tradeId).query(tradeState)),
    hint: async (tradeId, event) => {
      try {
        await message(() => handle(tradeId).signal(event === 'brokerEvent' ? brokerEvent : priceEvent));
      } catch (error) {
        if (!isAlreadyEnded(error)) throw error;
      }
    },
  };
}

/** The change names its update, so that nobody can send it again as another one. */
function changed<Change extends object>(
  handle: WorkflowHandle,
  definition: UpdateDefinition<TradeView, [Change & OfUpdate]>,
  change: Change,
  updateId: string,
): Promise<TradeView> {
  const args: [Change & OfUpdate] = [{ ...change, update: `${definition.name} ${updateId}` }];
  return handle.executeUpdate(definition, { args, updateId });
}

const TIMES_ASKED = 5;

/**
 * An update that reaches a trade just when it begins a new run can be dropped with the workflow task that fails for it:
 * it is asked again.
 */
async function askedAgainWhenDropped<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let times = 1; ; times++) {
    try {
      return await call();
    } catch (error) {
      if (times === TIMES_ASKED || !wasDropped(error)) throw error;
    }
  }
}

function wasDropped(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && /unexpected workflow task failure/.test(cause.details);
}

/** Everything a trade's workflow is started with; the guardian restarts a terminated one with another reuse policy. */
export function tradeStartOptions({ trade, ticket }: TradeInput) {
  return {
    workflowId: tradeWorkflowId(ticket.tradeId),
    taskQueue: TRADES_TASK_QUEUE,
    args: [{ trade, ticket }] as [TradeInput],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    // A worker that dies while it handles a fill is missed after this time: half of what a share may be without a stop.
    workflowTaskTimeout: '5s',
    typedSearchAttributes: new TypedSearchAttributes(searchAttributesOf(trade, ticket)),
    staticSummary: summaryOf(trade),
    staticDetails: detailsOf(trade, ticket),
  } satisfies WorkflowStartOptions;
}

function searchAttributesOf(trade: TradeRequest, ticket: StartTicket): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: ARBION_USER, value: ticket.userId },
    { key: ARBION_SYMBOL, value: trade.symbol },
    { key: ARBION_BROKER, value: trade.broker },
    { key: ARBION_STATUS, value: 'pending' },
  ];
  return trade.strategy === undefined ? pairs : [...pairs, { key: ARBION_STRATEGY, value: trade.strategy }];
}

/** One line, at most 200 bytes: `Buy 10 AAPL at market, stop 5% — paper`. */
function summaryOf(trade: TradeRequest): string {
  const verb = trade.side === 'buy' ? 'Buy' : 'Sell short';
  const price = trade.limitPrice === undefined ? 'at market' : `at ${trade.limitPrice} or better`;
  return `${verb} ${trade.quantity} ${trade.symbol} ${price}, stop ${stopText(trade.stopLoss)} — ${trade.broker}`;
}

function stopText(stop: TradeRequest['stopLoss']): string {
  if ('trailPercent' in stop) return `trailing ${stop.trailPercent}%`;
  return 'price' in stop ? stop.price : `${stop.percent}%`;
}

function detailsOf(trade: TradeRequest, ticket: StartTicket): string {
  const target =
    trade.takeProfit && ('price' in trade.takeProfit ? trade.takeProfit.price : `${trade.takeProfit.percent}%`);
  const exitsBy = exitTime(trade);
  const lines = [
    `- **Requested** ${new Date(ticket.issuedAt).toISOString()} by user ${ticket.userId}`,
    `- **Entry** ${trade.side} ${trade.quantity} ${trade.symbol} (${trade.assetClass}), ${trade.orderType}, ${trade.timeInForce}`,
    `- **Stop** ${stopText(trade.stopLoss)}; if none can be placed: ${trade.onUnprotected}`,
    `- **Target** ${target ?? 'none'}`,
    `- **Exit by** ${exitsBy === undefined ? 'no set time' : new Date(exitsBy).toISOString()}`,
    `- **Cancel here** (Request Cancellation) ${trade.onCancel === 'flatten' ? 'cancels the entry and sells what is filled' : 'cancels the entry and keeps guarding what is filled'}`,
    '- **Terminate** runs no clean-up: the guardian finds the orphan and takes it over',
  ];
  return lines.join('\n');
}

function isAlreadyEnded(error: unknown): boolean {
  return (
    error instanceof WorkflowExecutionAlreadyStartedError ||
    (error instanceof Refused && error.kind === 'invalid-state')
  );
}

/** Temporal's errors in our words; what is neither a refusal nor an absence stays what it is. */
function translated(error: unknown): unknown {
  if (error instanceof WorkflowUpdateFailedError) return refusalOf(error.cause) ?? error;
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowFailedError) {
    return new Refused('invalid-state', { code: 'TRADE_ENDED', message: 'The trade has ended.' });
  }
  if (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof ServiceError ||
    isGrpcServiceError(error)
  ) {
    return new DependencyUnavailable('temporal', { cause: error });
  }
  return error;
}

const REFUSAL_KINDS = ['validation-failed', 'risk-denied', 'invalid-state', 'broker-error'] as const;

/** A trade refuses by an ApplicationFailure whose type is the kind and whose first detail is the reason. */
function refusalOf(cause: unknown): ArbionError | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const kind = REFUSAL_KINDS.find((candidate) => candidate === cause.type);
  if (kind === undefined) return undefined;
  const reason = cause.details?.[0] as Partial<Reason> | undefined;
  return new Refused(kind, { code: kind.toUpperCase().replaceAll('-', '_'), message: cause.message, ...reason });
}
