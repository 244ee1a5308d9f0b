import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { decimal, decimalString } from '../../src/domain/decimal.js';
import type { OrderRequest } from '../../src/domain/order.js';
import { Exchange } from '../../src/simulator/exchange/exchange.js';
import type { PriceSource } from '../../src/simulator/exchange/market.js';
import { Records } from '../../src/simulator/exchange/records.js';

/** Tuesday, 3 March 2026, 10:00 in New York. */
export const MARKET_HOURS = Date.parse('2026-03-03T15:00:00Z');

/** Only prices that a test sets. */
export const noSource: PriceSource = {
  knows: () => false,
  symbols: () => [],
  latest: () => Promise.resolve(undefined),
  events: () => Promise.resolve([]),
};

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'arbion-simulator-'));
}

/** A wall clock that moves only when a test moves it. */
export class ManualClock {
  constructor(private at = MARKET_HOURS) {}
  readonly now = () => this.at;
  advance(seconds: number): void {
    this.at += seconds * 1000;
  }
}

export interface OpenExchange {
  exchange: Exchange;
  clock: ManualClock;
  account: string;
  directory: string;
  prices(
    symbol: string,
    bid: string,
    ask: string,
    more?: { bidSize?: string; askSize?: string; last?: string },
  ): Promise<void>;
}

/** An exchange with one account that has 100,000 dollars, on a new ledger file or an old one, until the test is over. */
export function openExchange(directory = temporaryDirectory(), clock = new ManualClock()): OpenExchange {
  const exchange = new Exchange(new Records(join(directory, 'ledger.jsonl')), noSource, clock.now);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const account = 'test-account';
  if (!exchange.accounts.find(account)) {
    const login = { username: 'ann', password: 'pw' };
    const owner = { broker: 'alpaca' as const, account, login, openedAt: exchange.now(), credentials: {} };
    exchange.openAccount(owner, decimal('100000'), []);
  }
  const prices: OpenExchange['prices'] = async (symbol, bid, ask, more = {}) => {
    const sizes = Object.fromEntries(Object.entries(more).map(([name, text]) => [name, decimalString(text)]));
    await exchange.setPrices({ symbol, bid: decimalString(bid), ask: decimalString(ask), ...sizes });
  };
  return { exchange, clock, account, directory, prices };
}

let orders = 0;

export function request(changes: Partial<OrderRequest> = {}): OrderRequest {
  orders++;
  return {
    clientOrderId: `order-${orders}`,
    ...{ symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'market', quantity: decimalString('40') },
    ...{ timeInForce: 'gtc', session: 'regular' },
    ...changes,
  };
}

export function sellStop(price: string, changes: Partial<OrderRequest> = {}): OrderRequest {
  return request({ side: 'sell', type: 'stop', stopPrice: decimalString(price), ...changes });
}

export function sellLimit(price: string, changes: Partial<OrderRequest> = {}): OrderRequest {
  return request({ side: 'sell', type: 'limit', limitPrice: decimalString(price), ...changes });
}
