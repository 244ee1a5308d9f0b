/**
 * Points at which a test's worker process can be made to exit or freeze. They are placed around the ports and the
 * activities; the product knows nothing of them. A point is named `<step>: <boundary>`, such as
 * `placeOrder stop: accepted`, or `placeOrder stop 2: accepted` for the leg's second order.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import type { PayloadCodec } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Broker } from '../../src/broker-port/broker.js';
import type { Leg, TradeId } from '../../src/domain/ids.js';
import { legOfClientOrder } from '../../src/domain/ids.js';
import type { LookRequest } from '../../src/domain/trade/look.js';
import type { CancelOrder, OrderRef } from '../../src/domain/trade/order-ref.js';
import type { TradeRecord } from '../../src/domain/trade/record.js';
import type { TradeInput } from '../../src/domain/trade/request.js';

export type Boundary =
  /** the activity was handed to the worker, and has done nothing */
  | 'begins'
  /** the risk check: the exposure is reserved, its guardian not yet called */
  | 'reserved'
  | 'intent committed'
  | 'marked sent'
  /** the broker has answered, and nobody has written it down */
  | 'accepted'
  | 'recorded'
  /** the activity has its result, and the server does not */
  | 'ends'
  /** the server has the result; the workflow task that takes it over has just begun */
  | 'completed';

export interface KillOrder {
  tradeId: TradeId;
  point: string;
  signal: 'SIGKILL' | 'SIGSTOP';
}

interface Step {
  name: string;
  tradeId: TradeId | undefined;
}

export class KillPoints {
  private order: KillOrder | undefined;
  private readonly steps = new AsyncLocalStorage<Step>();
  private ended: Step | undefined;

  arm(order: KillOrder): void {
    this.order = order;
  }

  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const step = stepOf(info.activityType, input.args[0]);
        this.reach(step, 'begins');
        const result = await this.steps.run(step, () => next(input));
        this.reach(step, 'ends');
        this.ended = step;
        return result;
      },
    },
  });

  /** The first thing a workflow task does with an activity's result is to decode it. */
  readonly codec: PayloadCodec = {
    encode: async (payloads) => payloads,
    decode: async (payloads) => {
      this.reach(this.ended, 'completed');
      return payloads;
    },
  };

  aroundBroker(broker: Broker): Broker {
    const answered = <Result>(call: Promise<Result>) => call.then((result) => this.pass(result, 'accepted'));
    return new Proxy(broker, {
      get: (target, name: keyof Broker) => {
        const method = target[name];
        if (typeof method !== 'function') return method;
        const bound = method.bind(target) as (...args: unknown[]) => Promise<unknown>;
        // The mark is committed by now, and nothing has left the process.
        const sends = name === 'place';
        const answers = sends || name === 'cancel' || name === 'look';
        if (!answers) return bound;
        return (...args: unknown[]) => answered(bound(...(sends ? this.pass(args, 'marked sent') : args)));
      },
    });
  }

  aroundPrisma(prisma: PrismaClient): PrismaClient {
    const extended = prisma.$extends({
      query: {
        // What the broker has said is written down in one statement, fills and all.
        $executeRaw: ({ args, query }) => query(args).then((result) => this.pass(result, 'recorded')),
        order: {
          createManyAndReturn: ({ args, query }) => query(args).then((result) => this.pass(result, 'intent committed')),
        },
      },
    });
    return extended as unknown as PrismaClient;
  }

  aroundEnsureGuardian(ensure: (broker: string, account: string) => Promise<void>) {
    return (broker: string, account: string) => ensure(broker, this.pass(account, 'reserved'));
  }

  private pass<Value>(value: Value, boundary: Boundary): Value {
    this.reach(this.steps.getStore(), boundary);
    return value;
  }

  private reach(step: Step | undefined, boundary: Boundary): void {
    const { order } = this;
    if (!order || !step || step.tradeId !== order.tradeId || `${step.name}: ${boundary}` !== order.point) return;
    this.order = undefined;
    writeSync(2, `${order.signal} at ${order.point}\n`);
    process.kill(process.pid, order.signal);
  }
}

/** The name of a step, from the activity and its input. */
function stepOf(activity: string, input: unknown): Step {
  switch (activity) {
    case 'admitTrade': {
      const { ticket } = (input as { input: TradeInput }).input;
      return { name: activity, tradeId: ticket.tradeId };
    }
    case 'recordTrade': {
      const { view } = input as TradeRecord;
      return { name: `${activity} ${view.status}`, tradeId: view.id };
    }
    case 'cancelOrder': {
      const { tradeId, clientOrderId } = input as CancelOrder;
      return { name: orderStep(activity, legOfClientOrder(clientOrderId), generationOf(clientOrderId)), tradeId };
    }
    case 'lookAtMarket':
      return { name: activity, tradeId: (input as LookRequest).tradeId };
    default: {
      const { leg, generation, tradeId } = input as Partial<OrderRef>;
      return { name: orderStep(activity, leg, generation), tradeId };
    }
  }
}

function orderStep(activity: string, leg: Leg | undefined, generation = 1): string {
  if (leg === undefined) return activity;
  return generation === 1 ? `${activity} ${leg}` : `${activity} ${leg} ${generation}`;
}

function generationOf(clientOrderId: string): number {
  return Number(/\d+$/.exec(clientOrderId)?.[0]);
}
