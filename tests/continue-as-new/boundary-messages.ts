/**
 * Messages that arrive exactly where a trade continues as new: they are sent while the workflow task is at work that will
 * end the run, so the server gets them between that task's start and its end.
 */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { decimalString } from '../../src/domain/decimal.js';
import { type TradeId, tradeWorkflowId } from '../../src/domain/ids.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import type { Trading } from '../support/trading.js';

export interface SentAdjustment {
  stopPrice: string;
  answered: Promise<TradeView>;
}

export class BoundaryMessages {
  readonly adjustments: SentAdjustment[] = [];
  readonly looks: Promise<TradeView>[] = [];
  readonly signals: Promise<void>[] = [];
  private readonly boundariesSeen = new Set<string>();
  slowestAnswerMs = 0;
  private adjusting = false;
  private sending: { trading: Trading; id: TradeId } | undefined;

  constructor(private readonly continueAsNewEvents: number) {}

  /** From here on, every run boundary of this trade gets a signal and an update. */
  begin(trading: Trading, trade: { id: TradeId }): void {
    this.sending = { trading, id: trade.id };
  }

  end(): void {
    this.sending = undefined;
  }

  get boundaries(): number {
    return this.boundariesSeen.size;
  }

  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
        if (info.activityType === 'lookAtMarket') await this.atLook(workflowId, runId);
        return next(input);
      },
    },
  });

  /** The last look of a run is the one whose workflow task finds the history too long. */
  private async atLook(workflowId: string, runId: string): Promise<void> {
    const { sending } = this;
    if (!sending || workflowId !== tradeWorkflowId(sending.id) || this.boundariesSeen.has(runId)) return;
    const { historyLength } = await sending.trading.client.workflow.getHandle(workflowId, runId).describe();
    if (historyLength < this.continueAsNewEvents) return;
    this.boundariesSeen.add(runId);
    await this.send(sending);
  }

  private async send({ trading, id }: { trading: Trading; id: TradeId }): Promise<void> {
    const signal = trading.trades.hint(id, 'priceEvent');
    this.signals.push(signal);
    // An answer may take until the run after; a second change beside an unanswered one would be refused.
    if (this.boundaries % 2 === 0 || this.adjusting) this.looks.push(this.answerOf(trading.trades.lookNow(id)));
    else this.adjust(trading, id);
    await signal;
  }

  /** Each asks for a stop price of its own, so that each one's effect can be distinguished from the others'. */
  private adjust({ trades }: Trading, id: TradeId): void {
    const stopPrice = decimalString((100 + this.adjustments.length / 100).toFixed(2));
    this.adjusting = true;
    const answered = this.answerOf(trades.adjustExits(id, { stopPrice })).finally(() => {
      this.adjusting = false;
    });
    answered.catch(() => {});
    this.adjustments.push({ stopPrice, answered });
  }

  /** Its failure is looked at when everything is over, not reported as unhandled meanwhile. */
  private answerOf(answer: Promise<TradeView>): Promise<TradeView> {
    const askedAt = Date.now();
    const timed = answer.finally(() => {
      this.slowestAnswerMs = Math.max(this.slowestAnswerMs, Date.now() - askedAt);
    });
    timed.catch(() => {});
    return timed;
  }
}
