import { expect } from 'vitest';
import {
  type BrokerAccess,
  type BrokerAccount,
  type Credential,
  NotConnected,
} from '../../../src/broker-port/access.js';
import type { Preparation } from '../../../src/broker-port/broker.js';
import { type RequestBudget, unlimited } from '../../../src/broker-port/request-budget.js';
import { EtradeBroker } from '../../../src/brokers/etrade/etrade-broker.js';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../../src/domain/order.js';
import { authorizationHeader, type RequestToSign } from '../../../src/wire/oauth1-signature.js';
import { ManualClock, temporaryDirectory } from '../../simulator/exchange-fixture.js';
import { CLIENT, LOGIN, TestSimulator } from '../../simulator/simulator-fixture.js';

type Oauth1 = Extract<Credential, { kind: 'oauth1' }>;
const CONSUMER = { consumerKey: CLIENT.clientId, consumerSecret: CLIENT.clientSecret };

/** The account's id in Arbion. */
export const ACCOUNT = 'account-1';

/** Signs in as a person does, and renews a token that E*TRADE has put to sleep. */
export class SignedInAccess implements BrokerAccess {
  renewals = 0;
  key = '';

  private constructor(
    private readonly simulator: TestSimulator,
    private readonly credential: Oauth1,
  ) {}

  static async signIn(simulator: TestSimulator, person = LOGIN): Promise<SignedInAccess> {
    const ask = (path: string, more: object = {}) => oauthCall(simulator, path, more);
    const requested = pairOf(await ask('request_token', { callback: 'oob' }));
    const authorize = `/etrade/e/t/etws/authorize?key=${CLIENT.clientId}&token=${encodeURIComponent(requested.token)}`;
    const consent = await simulator.call('POST', authorize, { form: { ...person, decision: 'allow' } });
    const verifier = new URL(consent.headers.get('location') ?? '').searchParams.get('oauth_verifier') ?? '';
    const granted = pairOf(await ask('access_token', { ...requested, verifier }));
    return new SignedInAccess(simulator, { kind: 'oauth1', ...CONSUMER, ...granted });
  }

  async open(): Promise<BrokerAccount> {
    return { key: this.key, credential: this.credential };
  }

  /** E*TRADE wakes the same token. */
  async renew(_account: string, refused: Credential): Promise<BrokerAccount> {
    this.renewals++;
    expect(refused).toEqual(this.credential);
    const { token, tokenSecret } = this.credential;
    const answer = await oauthCall(this.simulator, 'renew_access_token', { token, tokenSecret });
    if (answer !== 'Access Token has been renewed') throw new NotConnected(answer);
    return this.open();
  }
}

async function oauthCall(simulator: TestSimulator, path: string, more: Partial<RequestToSign>): Promise<string> {
  const url = `${simulator.url}/etrade/oauth/${path}`;
  const timestamp = Math.floor(simulator.clock.now() / 1_000);
  const authorization = authorizationHeader({ ...CONSUMER, method: 'GET', url, timestamp, ...more });
  return (await fetch(url, { headers: { authorization } })).text();
}

function pairOf(form: string): { token: string; tokenSecret: string } {
  const pair = new URLSearchParams(form);
  return { token: pair.get('oauth_token') ?? '', tokenSecret: pair.get('oauth_token_secret') ?? '' };
}

interface LedgerOrder {
  orderId: string;
  clientOrderId: string;
  status: string;
  [name: string]: unknown;
}

const LIVE = ['submitted', 'working', 'partially_filled'];

export class EtradeWorld {
  private constructor(
    readonly simulator: TestSimulator,
    readonly access: SignedInAccess,
    readonly broker: EtradeBroker,
    readonly slowedDown: number[],
  ) {}

  /** Signed in to an account of 100,000 dollars that holds 100 MSFT and 5 calls; AAPL and MSFT are quoted. */
  static async start(clock = new ManualClock()): Promise<EtradeWorld> {
    const simulator = await TestSimulator.start(temporaryDirectory(), clock);
    const held = [
      { symbol: 'MSFT', quantity: '100', averagePrice: '400' },
      { symbol: CALL, quantity: '5', averagePrice: '6.45' },
    ];
    await simulator.open('etrade', { positions: held });
    await simulator.market('AAPL', '212.30', '212.40', { last: '212.35' });
    await simulator.market('MSFT', '410.00', '410.10', { last: '410.00' });
    await simulator.market(CALL, '6.40', '6.50', { last: '6.45' });
    const access = await SignedInAccess.signIn(simulator);
    const slowedDown: number[] = [];
    const budget: RequestBudget = { ...unlimited, slowDown: async (_b, _a, ms) => void slowedDown.push(ms) };
    const broker = new EtradeBroker({ baseUrl: `${simulator.url}/etrade`, access, budget, now: simulator.clock.now });
    const [account] = await broker.accounts(ACCOUNT);
    access.key = account?.key ?? '';
    return new EtradeWorld(simulator, access, broker, slowedDown);
  }

  close(): Promise<void> {
    return this.simulator.close();
  }

  get now(): number {
    return this.simulator.clock.now();
  }

  async prepared(request: OrderRequest): Promise<string> {
    const preparation: Preparation = await this.broker.prepare(ACCOUNT, request);
    if (preparation.outcome !== 'ready') throw new Error(JSON.stringify(preparation));
    return preparation.token;
  }

  async send(request: OrderRequest): Promise<WriteOutcome> {
    return this.broker.place(ACCOUNT, request, await this.prepared(request));
  }

  /** The order as it is after a send that has to be accepted. */
  async placed(request: OrderRequest): Promise<BrokerOrder> {
    const outcome = await this.send(request);
    if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
    return this.order(outcome.order.orderId);
  }

  async order(orderId: string): Promise<BrokerOrder> {
    const order = await this.broker.order(ACCOUNT, orderId);
    if (!order) throw new Error(`there is no order ${orderId}`);
    return order;
  }

  /** All orders, as the exchange saw them. */
  async ledger(): Promise<LedgerOrder[]> {
    return (await this.simulator.ledger()).orders;
  }

  async live(): Promise<LedgerOrder[]> {
    return (await this.ledger()).filter(({ status }) => LIVE.includes(status));
  }

  fault(kind: string, operation: string, more: object = {}): Promise<void> {
    return this.simulator.fault(kind, operation, { count: 1, seconds: 0.1, ...more });
  }
}

export const CALL = 'AAPL260618C00210000';

let generation = 0;

/** `leg` is the letter in the client order id. */
function request(leg: 'e' | 's' | 'x', changes: Partial<OrderRequest>): OrderRequest {
  generation++;
  return {
    clientOrderId: `arb-0123456789abcdef0123456789abcdef-${leg}${generation}`,
    ...{ symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'market', quantity: amount('40') },
    ...{ timeInForce: 'day', session: 'regular' },
    ...changes,
  };
}

export const amount = (text: string): DecimalString => decimalString(text);

export const limitBuy = (price: string, changes: Partial<OrderRequest> = {}) =>
  request('e', { type: 'limit', limitPrice: amount(price), ...changes });

export const marketBuy = (changes: Partial<OrderRequest> = {}) => request('e', changes);

export const marketSell = (changes: Partial<OrderRequest> = {}) =>
  request('x', { symbol: 'MSFT', side: 'sell', ...changes });

export const stopSell = (price: string, changes: Partial<OrderRequest> = {}) =>
  request('s', {
    ...{ symbol: 'MSFT', side: 'sell', type: 'stop', timeInForce: 'gtc' },
    stopPrice: amount(price),
    ...changes,
  });
