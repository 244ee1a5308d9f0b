/** The traders of a run: they start trades as the API does, change them and end them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { type Finding, finding } from '../../src/audit/facts.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { decimal } from '../../src/domain/decimal.js';
import { ArbionError } from '../../src/domain/errors.js';
import type { TradeId, UserId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { FINAL_STATUSES, isFinalStatus, type TradeStatus } from '../../src/domain/trade/status.js';
import { insertAcceptedTrade, markStarted } from '../../src/storage/accepted-trades.js';
import { createTradeClient, type TradeClient } from '../../src/temporal/trade-client.js';
import type { Body } from '../simulator/simulator-fixture.js';
import { dataConverter } from '../support/encryption.js';
import type { ChaosExchange } from './exchange.js';
import { patiently } from './patience.js';
import type { TradePlan } from './trade-plan.js';

const LIMITS = { perTrade: '1000000', daily: '1000000000', concentrationPercent: '100' };
const WATCH_MS = 500;
/** How long a trader waits for a trade to end before closing it. */
const PATIENCE_MS = 25_000;
/** The risk check reads the broker too, so it can take long under faults. */
const ADMISSION_MS = 90_000;
/** As long as the takeover of a stuck trade may take. To start the next trade sooner would overload a busy machine. */
const CLOSING_MS = 300_000;

export type LostOrder = Awaited<ReturnType<Traders['unfinished']>>[number]['orders'][number];

export class Traders {
  private readonly tickets;
  private readonly trades: TradeClient;
  /** of the trades that a trader waits for */
  private readonly statuses = new Map<TradeId, string>();
  private readonly watching = new AbortController();
  private watch: Promise<void> = Promise.resolve();

  private constructor(
    private readonly connection: Connection,
    private readonly client: Client,
    private readonly prisma: PrismaClient,
    private readonly userId: UserId,
    ticketSecret: string,
  ) {
    this.tickets = createStartTickets(ticketSecret);
    this.trades = createTradeClient(client);
  }

  static async open(
    prisma: PrismaClient,
    temporal: { address: string; namespace: string },
    ticketSecret: string,
  ): Promise<Traders> {
    const id = randomUUID() as UserId;
    const email = `${id}@chaos.invalid`;
    await prisma.user.create({ data: { id, email, passwordHash: 'none', limits: { create: LIMITS } } });
    const connection = await Connection.connect({ address: temporal.address, connectTimeout: '60s' });
    const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
    const traders = new Traders(connection, client, prisma, id, ticketSecret);
    traders.watch = traders.watchAll();
    return traders;
  }

  async close(): Promise<void> {
    this.watching.abort();
    await this.watch;
    await this.connection.close();
  }

  /** Runs a trade from its start to its end, or until its trader stops waiting for it. */
  async seeThrough(plan: TradePlan): Promise<void> {
    const id = await this.start(plan.request);
    await this.run(id, plan);
    this.statuses.delete(id);
  }

  private async run(id: TradeId, { action, afterMs }: TradePlan): Promise<void> {
    if (await this.isOverIn(id, ADMISSION_MS, (status) => status !== 'pending')) return;
    if (await this.isOverIn(id, afterMs)) return;
    await this.act(id, action);
    if (await this.isOverIn(id, PATIENCE_MS - afterMs)) return;
    await this.closeTrade(id);
    await this.isOverIn(id, CLOSING_MS);
  }

  /** Closes every running trade, except those whose lost order may be in the account after all. */
  async endAll(mayBeThere: (lost: LostOrder) => boolean): Promise<void> {
    for (const { id, orders } of await this.unfinished()) {
      if (!orders.some(mayBeThere)) await this.closeTrade(id as TradeId);
    }
  }

  /** Orders in the exchange's ledger that belong to no trade. */
  async ordersOfNobody(exchange: ChaosExchange): Promise<Body[]> {
    const known = await this.prisma.order.findMany({ where: { brokerOrderId: { not: null } } });
    const ours = new Set(known.map(({ account, brokerOrderId }) => `${account} ${brokerOrderId}`));
    const { orders } = await exchange.ledger();
    return orders.filter((order: Body) => !ours.has(`${order.account} ${order.orderId}`));
  }

  unfinished() {
    const where = { status: { notIn: [...FINAL_STATUSES] } };
    const select = { id: true, orders: { where: { intent: { in: ['SENT', 'UNKNOWN'] } } } };
    return patiently(() => this.prisma.trade.findMany({ where, select }));
  }

  /** Failed workflows; there should be none, whatever the broker does. */
  async failedWorkflows(): Promise<Finding[]> {
    const findings: Finding[] = [];
    const query = "ExecutionStatus = 'Failed' OR ExecutionStatus = 'TimedOut'";
    for await (const { workflowId, runId } of this.client.workflow.list({ query })) {
      const failure: unknown = await this.client.workflow
        .getHandle(workflowId, runId)
        .result()
        .catch((error) => error);
      const cause = failure instanceof WorkflowFailedError ? failure.cause : failure;
      findings.push(finding('I-L3', workflowId, `the workflow failed: ${inspect(cause)}`));
    }
    return findings;
  }

  private async start(trade: TradePlan['request']): Promise<TradeId> {
    const tradeId = randomUUID() as TradeId;
    const ticket = this.tickets.sign({ tradeId, userId: this.userId, trade, now: Date.now() });
    const input: TradeInput = { trade, ticket };
    await patiently(async () => {
      const known = await this.prisma.trade.count({ where: { id: tradeId } });
      if (known === 0) await insertAcceptedTrade(this.prisma, input);
      await this.trades.start(input);
      await markStarted(this.prisma, tradeId);
    });
    this.statuses.set(tradeId, 'pending');
    return tradeId;
  }

  private async act(id: TradeId, action: TradePlan['action']): Promise<void> {
    if (action === 'leave') return;
    if (action === 'close') return this.closeTrade(id);
    await unlessRefused(async () => {
      if (action === 'cancel') await this.trades.cancel(id, { by: 'a trader' });
      else if (action === 'move_stop') await this.moveStop(id);
      else await this.moveEntry(id);
    });
  }

  private closeTrade(id: TradeId): Promise<void> {
    return unlessRefused(() => this.trades.close(id, { by: 'a trader' }));
  }

  private async moveStop(id: TradeId): Promise<void> {
    const { stopPrice } = await this.trades.state(id);
    if (stopPrice === null) return;
    const lower = decimal(stopPrice).times(decimal('0.999')).roundedTo(2, 'half_even');
    await this.trades.adjustExits(id, { stopPrice: lower.toString() });
  }

  private async moveEntry(id: TradeId): Promise<void> {
    const { limitPrice } = await this.trades.state(id);
    if (limitPrice === null) return;
    const higher = decimal(limitPrice).times(decimal('1.01')).roundedTo(2, 'half_even');
    await this.trades.replaceOrder(id, { limitPrice: higher.toString() });
  }

  /** Waits for the given time, or until `isEnough` accepts the status; returns whether the trade has ended. */
  private async isOverIn(id: TradeId, ms: number, isEnough = (_status: string) => false): Promise<boolean> {
    const until = Date.now() + ms;
    const isOver = () => isFinalStatus((this.statuses.get(id) ?? 'pending') as TradeStatus);
    while (Date.now() < until && !isOver() && !isEnough(this.statuses.get(id) ?? 'pending')) await pause(200);
    return isOver();
  }

  /** Reads the statuses of all awaited trades with one query at a time. */
  private async watchAll(): Promise<void> {
    while (!this.watching.signal.aborted) {
      const where = { id: { in: [...this.statuses.keys()] } };
      const rows = await patiently(() => this.prisma.trade.findMany({ where, select: { id: true, status: true } }));
      for (const { id, status } of rows) this.statuses.set(id as TradeId, status);
      await pause(WATCH_MS);
    }
  }
}

/** Ignores refusals: the trade has ended, the change came too late, or the broker refused it. */
async function unlessRefused(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ArbionError)) throw error;
  }
}
