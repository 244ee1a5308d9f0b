/** The people of a run: they start trades as the API does, change and end them, and are asked when nobody else knows. */
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
/** Who waits for a trade's end closes it after so long. */
const PATIENCE_MS = 25_000;
/** The risk check reads the broker, too. */
const ADMISSION_MS = 90_000;
/** As long as a stuck trade may take to be taken over: a trader who went on sooner would only pile up work on a busy machine. */
const FAREWELL_MS = 300_000;

export type LostOrder = Awaited<ReturnType<Traders['unfinished']>>[number]['orders'][number];

export class Traders {
  private readonly tickets;
  private readonly trades: TradeClient;
  /** of the trades that somebody waits for */
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

  /** A trade from its start until its end, or until its trader turns to other things. */
  async seeThrough(plan: TradePlan): Promise<void> {
    const id = await this.start(plan.request);
    await this.live(id, plan);
    this.statuses.delete(id);
  }

  private async live(id: TradeId, { step, afterMs }: TradePlan): Promise<void> {
    if (await this.isOverIn(id, ADMISSION_MS, (status) => status !== 'pending')) return;
    if (await this.isOverIn(id, afterMs)) return;
    await this.act(id, step);
    if (await this.isOverIn(id, PATIENCE_MS - afterMs)) return;
    await this.command(id);
    await this.isOverIn(id, FAREWELL_MS);
  }

  /** Ends every trade that still runs, but for those whose lost order may be in the account after all. */
  async endAll(mayBeThere: (lost: LostOrder) => boolean): Promise<void> {
    for (const { id, orders } of await this.unfinished()) {
      if (!orders.some(mayBeThere)) await this.command(id as TradeId);
    }
  }

  /** Orders in the exchange's ledger that no trade knows as its own. */
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

  /** Workflows that failed: none ever should, whatever the broker does. */
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

  private async act(id: TradeId, step: TradePlan['step']): Promise<void> {
    if (step === 'leave') return;
    if (step === 'close') return this.command(id);
    await unlessRefused(async () => {
      if (step === 'cancel') await this.trades.cancel(id, { by: 'a trader' });
      else if (step === 'move_stop') await this.moveStop(id);
      else await this.moveEntry(id);
    });
  }

  private command(id: TradeId): Promise<void> {
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

  /** Waits so long, or until the trade is as `isEnough` says; answers whether it is over. */
  private async isOverIn(id: TradeId, ms: number, isEnough = (_status: string) => false): Promise<boolean> {
    const until = Date.now() + ms;
    const isOver = () => isFinalStatus((this.statuses.get(id) ?? 'pending') as TradeStatus);
    while (Date.now() < until && !isOver() && !isEnough(this.statuses.get(id) ?? 'pending')) await pause(200);
    return isOver();
  }

  /** One look for all who wait. */
  private async watchAll(): Promise<void> {
    while (!this.watching.signal.aborted) {
      const where = { id: { in: [...this.statuses.keys()] } };
      const rows = await patiently(() => this.prisma.trade.findMany({ where, select: { id: true, status: true } }));
      for (const { id, status } of rows) this.statuses.set(id as TradeId, status);
      await pause(WATCH_MS);
    }
  }
}

/** No is an answer too: the trade has ended, the change came too late, the broker did not take it. */
async function unlessRefused(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ArbionError)) throw error;
  }
}
