import { expect, onTestFinished } from 'vitest';
import type { BrokerAccess, BrokerAccount, Credential } from '../../../src/broker-port/access.js';
import { NotConnected } from '../../../src/broker-port/access.js';
import { type RequestBudget, unlimited } from '../../../src/broker-port/request-budget.js';
import { SchwabBroker } from '../../../src/brokers/schwab/schwab-broker.js';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId } from '../../../src/domain/ids.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../../src/domain/order.js';
import { CLIENT, LOGIN, REDIRECT, TestSimulator } from '../../simulator/simulator-fixture.js';

/** Arbion's id of the account. */
export const ACCOUNT = 'account-1';
export const OPTION = 'AAPL260618C00210000';

const TRADE = '0f0e0d0c-0b0a-4908-8706-050403020100' as TradeId;

/** A login at the simulator's Schwab, made and renewed as the contract says. */
export class SchwabLogin implements BrokerAccess {
  renewals = 0;
  private accessToken = '';
  private refreshToken = '';
  key = '';

  constructor(private readonly simulator: TestSimulator) {}

  async signIn(person = LOGIN): Promise<void> {
    const query = new URLSearchParams({ response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT });
    const consent = await this.simulator.call('POST', `/schwab/v1/oauth/authorize?${query}`, {
      form: { ...person, decision: 'allow' },
    });
    const code = new URL(consent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await this.token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    const headers = { authorization: `Bearer ${this.accessToken}` };
    const { body } = await this.simulator.call('GET', '/schwab/trader/v1/accounts/accountNumbers', { headers });
    this.key = body[0].hashValue;
  }

  async open(): Promise<BrokerAccount> {
    return this.opened();
  }

  async renew(_account: string, refused: Credential): Promise<BrokerAccount> {
    this.renewals += 1;
    if (refused.kind !== 'bearer' || refused.accessToken !== this.accessToken) return this.opened();
    await this.token({ grant_type: 'refresh_token', refresh_token: this.refreshToken });
    return this.opened();
  }

  private opened(): BrokerAccount {
    return { key: this.key, credential: { kind: 'bearer', accessToken: this.accessToken } };
  }

  private async token(form: Record<string, string>): Promise<void> {
    const basic = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    const answer = await this.simulator.call('POST', '/schwab/v1/oauth/token', { headers, form });
    if (answer.status !== 200) throw new NotConnected(answer.text);
    this.accessToken = answer.body.access_token;
    this.refreshToken = answer.body.refresh_token;
  }
}

export interface AtSchwab {
  simulator: TestSimulator;
  login: SchwabLogin;
  broker: SchwabBroker;
  /** the same account through another address or budget */
  brokerWith(change: { baseUrl?: string; budget?: RequestBudget }): SchwabBroker;
  /** an order that a person enters, in Schwab's own format; answers its id */
  byHand(body: object): Promise<string>;
  /** how many orders there really are */
  orderCount(): Promise<number>;
  /** the ledger's entry of an order */
  ledgerOrder(orderId: string): Promise<Record<string, unknown>>;
  accepted(request: OrderRequest): Promise<BrokerOrder>;
  order(orderId: string): Promise<BrokerOrder>;
  /** the open orders that the exchange knows: the account shows unrelated ones besides */
  openOrders(): Promise<BrokerOrder[]>;
}

/** An account of 100,000 dollars, and what it holds, at a Schwab that quotes AAPL at 149.90 to 150.00, until the test is over. */
export async function atSchwab(positions: object[] = []): Promise<AtSchwab> {
  const simulator = await TestSimulator.start();
  onTestFinished(() => simulator.close());
  await simulator.open('schwab', { positions });
  await simulator.market('AAPL', '149.90', '150.00', { last: '149.95' });
  await simulator.market(OPTION, '6.40', '6.50', { last: '6.45' });
  const login = new SchwabLogin(simulator);
  await login.signIn();
  const options = { baseUrl: `${simulator.url}/schwab`, access: login, budget: unlimited, now: simulator.clock.now };
  const broker = new SchwabBroker(options);
  const orders = async (): Promise<Record<string, unknown>[]> => (await simulator.ledger()).orders;
  return {
    ...{ simulator, login, broker },
    brokerWith: (change) => new SchwabBroker({ ...options, ...change }),
    byHand: async (json) => {
      const { key, credential } = await login.open();
      const headers = { authorization: `Bearer ${credential.kind === 'bearer' ? credential.accessToken : ''}` };
      const answer = await simulator.call('POST', `/schwab/trader/v1/accounts/${key}/orders`, { headers, json });
      expect(answer.status, answer.text).toBe(201);
      return answer.headers.get('location')?.split('/').at(-1) ?? '';
    },
    orderCount: async () => (await orders()).length,
    ledgerOrder: async (orderId) => (await orders()).find((order) => order.orderId === orderId) ?? {},
    accepted: async (request) => acceptedOrder(await broker.place(ACCOUNT, request)),
    order: async (orderId) => {
      const order = await broker.order(ACCOUNT, orderId);
      if (!order) throw new Error(`order ${orderId} is not shown`);
      return order;
    },
    openOrders: async () => {
      const ids = new Set((await orders()).map(({ orderId }) => orderId));
      return (await broker.openOrders(ACCOUNT)).rows.filter(({ orderId }) => ids.has(orderId));
    },
  };
}

export function acceptedOrder(outcome: WriteOutcome): BrokerOrder {
  expect(outcome).toMatchObject({ outcome: 'accepted' });
  if (outcome.outcome !== 'accepted') throw new Error(outcome.outcome);
  return outcome.order;
}

export const held = (symbol: string, quantity: string) => ({ symbol, quantity, averagePrice: '100' });

type Change = Partial<Omit<OrderRequest, 'quantity' | 'limitPrice' | 'stopPrice' | 'trailPercent'>> & {
  quantity?: string;
  limitPrice?: string;
  stopPrice?: string;
  trailPercent?: string;
};

/** An entry that buys 40 AAPL at the market, unless changed. */
export function orderRequest(change: Change = {}, leg: Leg = 'entry'): OrderRequest {
  const { quantity = '40', limitPrice, stopPrice, trailPercent, ...rest } = change;
  const amounts = Object.entries({ limitPrice, stopPrice, trailPercent }).filter(([, text]) => text !== undefined);
  return {
    clientOrderId: clientOrderId(TRADE, leg, 1),
    ...{ symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'market', timeInForce: 'day', session: 'regular' },
    ...rest,
    quantity: decimalString(quantity),
    ...(Object.fromEntries(amounts.map(([name, text]) => [name, decimalString(text ?? '')])) as Record<
      string,
      DecimalString
    >),
  };
}

export const limitBuy = (limitPrice = '140', change: Change = {}) =>
  orderRequest({ type: 'limit', limitPrice, ...change });

export const stopSell = (stopPrice = '140', change: Change = {}) =>
  orderRequest({ side: 'sell', type: 'stop', stopPrice, timeInForce: 'gtc', ...change }, 'stop');
