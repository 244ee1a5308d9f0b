import type { PrismaClient } from '../../prisma/generated/client.js';
import type { Broker, BrokerListener, StreamedOrder } from '../broker-port/broker.js';
import { type TradeId, tradeIdOfClientOrder } from '../domain/ids.js';
import type { Quote } from '../domain/market.js';
import type { Logger } from '../platform/logger.js';
import { raiseAccountAlert } from '../storage/account-alerts.js';
import { ownerOfBrokerOrder } from '../storage/order-owner.js';
import { liveTradeIds } from '../storage/trade-queries.js';
import type { LevelIndex } from './level-index.js';
import { type Hint, PriceHints } from './price-hints.js';
import { StreamedQuotes } from './streamed-quotes.js';

export interface LiveAccountOptions {
  prisma: PrismaClient;
  broker: Broker;
  account: string;
  levels: LevelIndex;
  hint: Hint;
  logger: Logger;
}

/** An order that no trade has yet may be one whose placement is not recorded yet; all of a burst are one reason to look. */
const BURST_MS = 1_000;

/** One broker account with open trades: listens to its stream, where the broker has one, and requests the quotes that it does not send. */
export class LiveAccount {
  private readonly hints: PriceHints;
  private readonly quotes = new StreamedQuotes();
  private readonly ending = new AbortController();
  private following: Promise<void> | undefined;
  private polling: Promise<void> | undefined;
  private wakingAll: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveAccountOptions) {
    this.hints = new PriceHints(options.hint);
  }

  /** Called again and again. A broker that answers slowly holds up no other account. */
  watch(): void {
    this.following ??= this.follow();
    this.polling ??= this.poll().finally(() => {
      this.polling = undefined;
    });
  }

  private async poll(): Promise<void> {
    const { broker, account, logger } = this.options;
    const unheard = this.symbols().filter((symbol) => !this.quotes.isFresh(symbol));
    if (unheard.length === 0) return;
    try {
      const quotes = await broker.quotes(unheard, account);
      this.quotes.polled(unheard);
      await this.giveHints(quotes);
    } catch (error) {
      // The trades look by themselves every minute, and raise an alert when they cannot.
      logger.debug({ error, account }, 'no live quotes for this account at the moment');
    }
  }

  leave(): void {
    this.ending.abort();
    clearTimeout(this.wakingAll);
  }

  /** When it breaks off for good it begins anew at the next beat. */
  private async follow(): Promise<void> {
    const { broker, account, logger } = this.options;
    if (!broker.follow) return;
    try {
      await broker.follow(account, this.listener(), this.ending.signal);
    } catch (error) {
      logger.warn({ error, account }, 'a stream ended; trades keep looking every minute');
      this.following = undefined;
    }
  }

  private listener(): BrokerListener {
    const { account, logger } = this.options;
    return {
      symbols: () => this.symbols(),
      onQuote: (quote) => this.onQuote(quote),
      onOrder: (order) => void this.onOrder(order).catch((error) => this.ignore(error)),
      onListening: () => this.wakeAllSoon(),
      onLost: (detail) => logger.info({ account, detail }, 'a stream is interrupted; it reconnects by itself'),
      onUnknown: (detail) => void this.onUnknown(detail).catch((error) => this.ignore(error)),
    };
  }

  private symbols(): string[] {
    return this.options.levels.symbols(this.options.account);
  }

  private onQuote(quote: Quote): void {
    if (!this.quotes.take(quote)) return;
    this.giveHints([quote]).catch((error) => this.ignore(error));
  }

  private async giveHints(quotes: readonly Quote[]): Promise<void> {
    const { levels, account } = this.options;
    await this.hints.give(quotes.flatMap((quote) => levels.crossedBy(account, quote)));
  }

  private async onOrder(order: StreamedOrder): Promise<void> {
    const trade = await this.tradeOf(order);
    if (trade) await this.options.hint(trade, 'brokerEvent');
    else if ('orderId' in order) this.wakeAllSoon();
  }

  /** An order of a person's own has none. */
  private async tradeOf(order: StreamedOrder): Promise<TradeId | undefined> {
    if ('clientOrderId' in order) return tradeIdOfClientOrder(order.clientOrderId);
    const { prisma, broker } = this.options;
    return ownerOfBrokerOrder(prisma, broker.name, order.orderId);
  }

  /** What was missed may be of any trade of the account. */
  private wakeAllSoon(): void {
    this.wakingAll ??= setTimeout(() => {
      this.wakingAll = undefined;
      this.wakeAll().catch((error) => this.ignore(error));
    }, BURST_MS);
  }

  private async wakeAll(): Promise<void> {
    const { prisma, account, hint } = this.options;
    const trades = await liveTradeIds(prisma, { account });
    await Promise.all(trades.map((id) => hint(id, 'brokerEvent')));
  }

  private async onUnknown(detail: string): Promise<void> {
    const { prisma, broker, account, logger } = this.options;
    logger.warn({ account, detail }, 'a stream sent an unrecognised message');
    this.wakeAllSoon();
    const message = `The stream of ${broker.name} sent an unrecognised message (${detail}). Trades continue by polling.`;
    const key = `stream-not-understood:${account}:${new Date().toISOString().slice(0, 10)}`;
    await raiseAccountAlert(prisma, account, { key, severity: 2, code: 'stream_not_understood', message });
  }

  /** Only a hint was lost. */
  private ignore(error: unknown): void {
    const { account, logger } = this.options;
    logger.debug({ error, account }, 'a hint was lost; trades keep looking every minute');
  }
}
