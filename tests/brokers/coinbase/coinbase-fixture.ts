import {
  type BrokerAccess,
  type BrokerAccount,
  type Credential,
  NotConnected,
} from '../../../src/broker-port/access.js';
import { unlimited } from '../../../src/broker-port/request-budget.js';
import { CoinbaseBroker } from '../../../src/brokers/coinbase/coinbase-broker.js';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId } from '../../../src/domain/ids.js';
import type { BrokerOrder, OrderRequest, WriteOutcome } from '../../../src/domain/order.js';
import { type Body, CLIENT, LOGIN, REDIRECT, TestSimulator } from '../../simulator/simulator-fixture.js';

export const ACCOUNT = 'coinbase-1';
const API = '/coinbase/api/v3/brokerage';
// RFC 7636 appendix B
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const SCOPES = 'wallet:accounts:read,wallet:buys:create,wallet:orders:read,offline_access';

/** Hands out the credentials in their order, one more at each renewal. */
export class TestAccess implements BrokerAccess {
  refused: Credential[] = [];

  constructor(private readonly credentials: Credential[]) {}

  async open(): Promise<BrokerAccount> {
    const [credential] = this.credentials;
    if (!credential) throw new NotConnected('nobody is logged in');
    return { key: '', credential };
  }

  async renew(_account: string, refused: Credential): Promise<BrokerAccount> {
    this.refused.push(refused);
    this.credentials.shift();
    return this.open();
  }
}

/** A broker that speaks to a simulator of its own, with a market for BTC-USD. */
export interface Stage {
  simulator: TestSimulator;
  broker: CoinbaseBroker;
  /** the simulator's id of the account */
  owner: string;
  keys: Extract<Credential, { kind: 'keys' }>;
  ed25519: Extract<Credential, { kind: 'keys' }>;
  brokerWith(credentials: Credential[]): CoinbaseBroker;
}

export async function openStage(): Promise<Stage> {
  const simulator = await TestSimulator.start();
  const { account: owner, credentials } = await simulator.open('coinbase');
  const { keyName, privateKey, ed25519KeyName, ed25519PrivateKey } = credentials;
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
  const brokerWith = (given: Credential[]) =>
    new CoinbaseBroker({
      baseUrl: simulator.url + API,
      access: new TestAccess(given),
      budget: unlimited,
      now: simulator.clock.now,
    });
  const keys = { kind: 'keys', keyId: keyName, secret: privateKey } as const;
  const ed25519 = { kind: 'keys', keyId: ed25519KeyName, secret: ed25519PrivateKey } as const;
  // the same keys once more: they have no newer ones
  return { simulator, owner, keys, ed25519, brokerWith, broker: brokerWith([keys, keys]) };
}

/** Logs in with a browser's calls, and answers the grant's access token. */
export async function logIn(simulator: TestSimulator): Promise<Credential> {
  const query = {
    ...{ response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT, state: '3f9d1c77a2b0' },
    ...{ scope: SCOPES, code_challenge: CHALLENGE, code_challenge_method: 'S256' },
  };
  const consent = { form: { ...LOGIN, decision: 'allow' } };
  const redirect = await simulator.call('POST', `/coinbase/oauth2/auth?${new URLSearchParams(query)}`, consent);
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const form = {
    ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER },
    ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
  };
  const { body } = await simulator.call('POST', '/coinbase/oauth2/token', { form });
  return { kind: 'bearer', accessToken: body.access_token };
}

const TRADE = '00000000-0000-4000-8000-000000000001' as TradeId;
let generations = 0;

function orderOf(leg: Leg, more: Partial<OrderRequest> = {}): OrderRequest {
  generations++;
  return {
    clientOrderId: clientOrderId(TRADE, leg, generations),
    ...{ symbol: 'BTC-USD', assetClass: 'crypto', side: leg === 'entry' ? 'buy' : 'sell', type: 'market' },
    ...{ quantity: text('0.01'), timeInForce: 'day', session: 'regular' },
    ...more,
  };
}

export const entry = (more: Partial<OrderRequest> = {}) => orderOf('entry', more);
export const exit = (more: Partial<OrderRequest> = {}) => orderOf('exit', more);
/** A purchase that rests below the market. */
export const resting = (more: Partial<OrderRequest> = {}) =>
  entry({ type: 'limit', limitPrice: text('60000'), timeInForce: 'gtc', ...more });
/** A protective stop below the market. */
export const stop = (more: Partial<OrderRequest> = {}) =>
  orderOf('stop', {
    ...{ type: 'stop_limit', stopPrice: text('65000'), limitPrice: text('61750'), timeInForce: 'gtc' },
    ...more,
  });

export function text(amount: string): DecimalString {
  return decimalString(amount);
}

/** The order of an accepted placement. */
export function taken(outcome: WriteOutcome): BrokerOrder {
  if (outcome.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.order;
}

/** What the exchange itself says about its orders, oldest first. */
export async function ordersAt({ simulator }: Stage): Promise<Body[]> {
  return (await simulator.ledger()).orders;
}

/** How often the exchange was asked for an operation. */
export async function callsOf({ simulator }: Stage, operation: string): Promise<number> {
  const { requests } = await simulator.ledger();
  return requests.filter((request: Body) => request.operation === operation).length;
}
