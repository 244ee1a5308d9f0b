import { onTestFinished } from 'vitest';
import type { Broker, BrokerListener, StreamedOrder } from '../../src/broker-port/broker.js';
import type { Quote } from '../../src/domain/market.js';

/** A listener that keeps what it hears. */
export class Heard implements BrokerListener {
  wanted: string[] = [];
  readonly orders: StreamedOrder[] = [];
  readonly quotes: Quote[] = [];
  readonly lost: string[] = [];
  readonly unknown: string[] = [];
  listening = 0;

  symbols(): readonly string[] {
    return this.wanted;
  }

  onQuote(quote: Quote): void {
    this.quotes.push(quote);
  }

  onOrder(order: StreamedOrder): void {
    this.orders.push(order);
  }

  onListening(): void {
    this.listening += 1;
  }

  onLost(detail: string): void {
    this.lost.push(detail);
  }

  onUnknown(detail: string): void {
    this.unknown.push(detail);
  }
}

/** Listens to a broker until the test is over, or until it is called off. */
export function follow(broker: Broker, account: string, symbols: string[] = []): Heard & { stop(): Promise<void> } {
  const heard = Object.assign(new Heard(), { wanted: symbols });
  const ending = new AbortController();
  const following = broker.follow?.(account, heard, ending.signal);
  const stop = async () => {
    ending.abort();
    await following;
  };
  onTestFinished(stop);
  return Object.assign(heard, { stop });
}
