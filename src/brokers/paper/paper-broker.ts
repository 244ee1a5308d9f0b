import { type Broker, BrokerUnavailable, type CancelOutcome } from '../../broker-port/broker.js';
import { completeListing, type Listing } from '../../broker-port/listing.js';
import { Decimal } from '../../domain/decimal.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { AccountSnapshot, MarketLook, Position, Quote } from '../../domain/market.js';
import type { BrokerOrder, OrderRequest, Refusal, WriteOutcome } from '../../domain/order.js';
import type { Decision } from '../../matching/book.js';
import { positionQuantity } from '../../matching/book.js';
import { cancelOrder, placeOrder } from '../../matching/engine.js';
import { quoteOf } from '../../matching/event.js';
import { buyingPower } from '../../matching/funds.js';
import { defaultRules, type MatchingRules } from '../../matching/rules.js';
import { bookOrder, brokerOrder, executionOfChange, executionOfRow, type OrderRow } from './account-rows.js';
import { accountsWithWorkingOrders, type WantedOrders } from './account-store.js';
import { paperCapabilities } from './capabilities.js';
import { type LedgerOfPaper, readLedger } from './ledger.js';
import { OrderEventReader, type PaperOrderEvent } from './order-events.js';
import {
  advanceAccount,
  type CurrentAccount,
  changeAccount,
  type PaperAccounts,
  readAccount,
  type Written,
} from './paper-account.js';
import { reachableClock, reachableFeed } from './reachable-market.js';
import { withPrices } from './split-prices.js';
import { marketValue } from './valuation.js';

export interface PaperBrokerOptions extends Omit<PaperAccounts, 'rules' | 'known' | 'writers'> {
  /** dollars for one fill; none unless given */
  fee?: MatchingRules['fee'];
}

/** The paper broker: a durable account, matched against the market's quotes. See `Broker` for the contract. */
export class PaperBroker implements Broker {
  readonly name = 'paper';
  readonly capabilities = paperCapabilities;
  private readonly accounts: PaperAccounts;
  private readonly events: OrderEventReader;

  constructor({ fee = defaultRules.fee, ...options }: PaperBrokerOptions) {
    const feed = reachableFeed(options.feed);
    const { session: sessionAt, staleAfterMs } = feed;
    const clock = reachableClock(options.clock);
    this.accounts = {
      ...options,
      feed,
      clock,
      rules: { ...defaultRules, sessionAt, fee, staleAfterMs },
      known: new Map(),
      writers: new Map(),
    };
    this.events = new OrderEventReader(options.pool);
  }

  /** A client order id that was used before is left to be found. */
  async place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    if (!this.accounts.feed.knows(request.symbol)) {
      return rejected({ code: 'invalid_symbol', message: `${request.symbol} is not traded here` });
    }
    const wanted = { clientOrderIds: [request.clientOrderId], next: true };
    return orUnknown(async () => {
      return changeAccount(this.accounts, account, wanted, async (current) => {
        if (current.state.orders.some((order) => order.clientOrderId === request.clientOrderId)) {
          const detail = `client order id ${request.clientOrderId} was used before: look the order up`;
          return { book: current.book, changes: [], result: { outcome: 'unknown', detail } as WriteOutcome };
        }
        const id = current.state.nextOrderId;
        const prices = await this.accounts.feed.latest(request.symbol, current.now);
        const arrival = { id, request, at: current.now, prices };
        const decision = placeOrder(current.book, arrival, this.accounts.rules);
        return written(current.book, decision, outcomeOf(decision, id));
      });
    });
  }

  async cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return orUnknown(async () => {
      const wanted = { orderIds: [orderId] };
      return changeAccount(this.accounts, account, wanted, async ({ state, book, now }) => {
        const known = state.orders.some(({ id }) => id === orderId);
        const decision = known ? cancelOrder(book, orderId, now) : unknownOrder(orderId);
        const outcome: CancelOutcome =
          'refusal' in decision ? { outcome: 'rejected', ...decision } : { outcome: 'accepted' };
        return written(book, decision, outcome);
      });
    });
  }

  async order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return (await this.wantedOrders(account, { orderIds: [orderId] })).find((order) => order.orderId === orderId);
  }

  async find(account: string, { clientOrderId }: OrderRequest): Promise<BrokerOrder | undefined> {
    const orders = await this.wantedOrders(account, { clientOrderIds: [clientOrderId] });
    return orders.find((order) => order.clientOrderId === clientOrderId);
  }

  async openOrders(account: string): Promise<Listing<BrokerOrder>> {
    return completeListing(await this.wantedOrders(account, { working: true }));
  }

  async positions(account: string): Promise<Listing<Position>> {
    const { book } = await readAccount(this.accounts, account, {});
    return completeListing(
      [...book.positions.values()].map(({ symbol, quantity, averagePrice }) => ({
        symbol,
        quantity: quantity.toString(),
        averagePrice: averagePrice.toString(),
      })),
    );
  }

  async accountSnapshot(account: string): Promise<AccountSnapshot> {
    const { book, now } = await readAccount(this.accounts, account, {});
    const values = await Promise.all(
      [...book.positions.values()].map((held) => marketValue(held, this.accounts.feed, now)),
    );
    return {
      equity: book.cash.plus(Decimal.sum(values)).toString(),
      cash: book.cash.toString(),
      buyingPower: buyingPower(book).max(Decimal.zero).toString(),
    };
  }

  /** epoch milliseconds. @throws BrokerUnavailable */
  marketTime(): Promise<number> {
    return this.accounts.clock.now();
  }

  async look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    splitsSince: number,
  ): Promise<MarketLook> {
    const { feed } = this.accounts;
    const { state, book, now } = await readAccount(this.accounts, account, { orderIds });
    const prices = await feed.latest(symbol, now);
    return {
      marketTime: now,
      session: feed.session(assetClass, now, symbol),
      staleAfterMs: feed.staleAfterMs,
      ...(prices && { quote: quoteOf(prices) }),
      orders: state.orders.map(orderOfRow),
      position: positionQuantity(book, symbol).toString(),
      splits: await withPrices(feed, feed.splits(symbol, splitsSince, now)),
    };
  }

  async quotes(symbols: readonly string[]): Promise<Quote[]> {
    const now = await this.accounts.clock.now();
    const prices = await Promise.all(symbols.map((symbol) => this.accounts.feed.latest(symbol, now)));
    return prices.filter((event) => event !== undefined).map(quoteOf);
  }

  /**
   * Brings every account with working orders up to market time, and answers what happened to orders since the last call in
   * this process, whoever changed them. For hints: an event may be reported twice, or late.
   */
  async advanceAll(): Promise<PaperOrderEvent[]> {
    const { pool } = this.accounts;
    for (const { id, revision } of await accountsWithWorkingOrders(pool))
      await advanceAccount(this.accounts, id, revision);
    return this.events.news();
  }

  /** Everything that ever happened, in the form of the simulator's `/control/ledger`; of one account or of all. */
  ledger(account?: string): Promise<LedgerOfPaper> {
    return readLedger(this.accounts.pool, account);
  }

  private async wantedOrders(account: string, wanted: WantedOrders): Promise<BrokerOrder[]> {
    const { state } = await readAccount(this.accounts, account, wanted);
    return state.orders.map(orderOfRow);
  }
}

function written<Result>(book: CurrentAccount['book'], decision: Decision, result: Result): Written<Result> {
  return 'refusal' in decision ? { book, changes: [], result } : { ...decision, result };
}

function outcomeOf(decision: Decision, id: string): WriteOutcome {
  if ('refusal' in decision) return rejected(decision.refusal);
  const own = decision.changes.filter((change) => change.order.id === id);
  const last = own.at(-1);
  if (last === undefined) throw new Error(`order ${id} was taken in without a change`);
  const fills = own.flatMap((change) => (change.kind === 'fill' ? [executionOfChange(change)] : []));
  return { outcome: 'accepted', order: brokerOrder(last.order, fills) };
}

function rejected(refusal: Refusal): WriteOutcome {
  return { outcome: 'rejected', refusal };
}

function unknownOrder(orderId: string): Decision {
  return { refusal: { code: 'invalid_order', message: `there is no order ${orderId} in this account` } };
}

function orderOfRow(row: OrderRow): BrokerOrder {
  return brokerOrder(bookOrder(row), row.fills.map(executionOfRow));
}

/** A write that failed may have been stored all the same: nobody knows until the account is read. */
async function orUnknown<Outcome>(
  write: () => Promise<Outcome>,
): Promise<Outcome | { outcome: 'unknown'; detail: string }> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof BrokerUnavailable) return { outcome: 'unknown', detail: error.message };
    throw error;
  }
}
