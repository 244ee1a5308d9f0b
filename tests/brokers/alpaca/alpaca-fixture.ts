import { randomUUID } from 'node:crypto';
import type { BrokerAccess, BrokerAccount, Credential } from '../../../src/broker-port/access.js';
import { unlimited } from '../../../src/broker-port/request-budget.js';
import { AlpacaBroker } from '../../../src/brokers/alpaca/alpaca-broker.js';
import { decimalString } from '../../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId } from '../../../src/domain/ids.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../../src/domain/order.js';
import { type Body, TestSimulator } from '../../simulator/simulator-fixture.js';

export const ACCOUNT = 'alpaca-account';
export const OPTION = 'AAPL260618C00210000';

/** A person's login: it opens with one credential, and can be renewed to another. */
export class TestAccess implements BrokerAccess {
  readonly refused: Credential[] = [];

  constructor(
    public credential: Credential,
    public renewed: Credential = credential,
  ) {}

  async open(): Promise<BrokerAccount> {
    return { key: '', credential: this.credential };
  }

  async renew(_account: string, refused: Credential): Promise<BrokerAccount> {
    this.refused.push(refused);
    return { key: '', credential: this.renewed };
  }
}

/** Alpaca with one account of 100,000 dollars, and prices of a share, an option and a coin. */
export class TestAlpaca {
  private constructor(
    readonly simulator: TestSimulator,
    readonly access: TestAccess,
    readonly broker: AlpacaBroker,
  ) {}

  static async start(): Promise<TestAlpaca> {
    const simulator = await TestSimulator.start();
    const { credentials } = await simulator.open('alpaca');
    await simulator.market('AAPL', '149.9', '150', { last: '150' });
    await simulator.market(OPTION, '6.4', '6.5', { last: '6.45' });
    await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
    const access = new TestAccess({ kind: 'keys', keyId: credentials.keyId, secret: credentials.secretKey });
    return new TestAlpaca(simulator, access, brokerAt(simulator, access));
  }

  close(): Promise<void> {
    return this.simulator.close();
  }

  /** Another adapter of the same account: one that remembers nothing. */
  another(access: BrokerAccess = this.access): AlpacaBroker {
    return brokerAt(this.simulator, access);
  }

  place(changes: Partial<OrderRequest> = {}): Promise<WriteOutcome> {
    return this.broker.place(ACCOUNT, order(changes));
  }

  /** The order of a placement that has to be accepted. */
  async placed(changes: Partial<OrderRequest> = {}): Promise<BrokerOrder> {
    const outcome = await this.place(changes);
    if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
    return outcome.order;
  }

  async ordersAtBroker(): Promise<Body[]> {
    return (await this.simulator.ledger()).orders;
  }
}

function brokerAt({ url, clock }: TestSimulator, access: BrokerAccess): AlpacaBroker {
  return new AlpacaBroker({ baseUrl: `${url}/alpaca`, access, budget: unlimited, now: clock.now });
}

export function newId(leg: Leg = 'entry'): string {
  return clientOrderId(randomUUID() as TradeId, leg, 1);
}

/** Forty shares at the market, unless the test wants something else. */
export function order(changes: Partial<OrderRequest> = {}): OrderRequest {
  return {
    ...{ clientOrderId: newId(), symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'market' },
    ...{ quantity: decimalString('40'), timeInForce: 'gtc', session: 'regular' },
    ...changes,
  };
}

export const sellStop = (price = '140', changes: Partial<OrderRequest> = {}): OrderRequest =>
  order({ clientOrderId: newId('stop'), side: 'sell', type: 'stop', stopPrice: decimalString(price), ...changes });

/** A purchase that rests until the price has fallen to it. */
export const lowLimit = (price = '100', changes: Partial<OrderRequest> = {}): OrderRequest =>
  order({ type: 'limit', limitPrice: decimalString(price), ...changes });
