/** An order says that it is filled before the list of its fills shows all of them: seen at Alpaca and Coinbase, possible at Schwab. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { type Broker, BrokerUnavailable } from '../../src/broker-port/broker.js';
import { Decimal, decimal, decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type TradeId } from '../../src/domain/ids.js';
import type { BrokerOrder, OrderRequest } from '../../src/domain/order.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { TestSimulator } from '../simulator/simulator-fixture.js';
import { LiveLogins, liveAdapter } from '../support/live-logins.js';

const ACCOUNT = 'account-1';
const VENUES = [
  { name: 'alpaca', symbol: 'AAPL', assetClass: 'equity' },
  { name: 'coinbase', symbol: 'BTC-USD', assetClass: 'crypto' },
  { name: 'schwab', symbol: 'AAPL', assetClass: 'equity' },
] as const;
type Venue = (typeof VENUES)[number];

const PARTS = [
  { quantity: '4', price: '140' },
  { quantity: '6', price: '139' },
];
/** What may be read: nothing, the first part, or both. */
const TRUE_FILLS = [[], PARTS.slice(0, 1), PARTS];

async function atVenue({ name, symbol }: Venue) {
  const clock = new ManualClock();
  const simulator = await TestSimulator.start(temporaryDirectory(), clock, { hasLags: true });
  onTestFinished(() => simulator.close());
  await simulator.market(symbol, '149.9', '150', { last: '149.95' });
  const logins = new LiveLogins(simulator, name);
  await logins.add(ACCOUNT, '100000');
  const broker = liveAdapter(name, simulator, logins);
  const fill = (orderId: string, part: object) => simulator.control('fills', { broker: name, orderId, ...part });
  return { clock, broker, fill };
}

function limitBuy({ symbol, assetClass }: Venue): OrderRequest {
  return {
    clientOrderId: clientOrderId(randomUUID() as TradeId, 'entry', 1),
    ...{ symbol, assetClass, side: 'buy', type: 'limit', timeInForce: 'gtc', session: 'regular' },
    ...{ quantity: decimalString('10'), limitPrice: decimalString('140') },
  };
}

/** Undefined while it cannot be read. */
async function readOf(broker: Broker, orderId: string): Promise<BrokerOrder | undefined> {
  try {
    return await broker.order(ACCOUNT, orderId);
  } catch (error) {
    if (error instanceof BrokerUnavailable) return undefined;
    throw error;
  }
}

/** The oldest first, in whichever order the broker lists them. */
const fillsOf = ({ executions }: BrokerOrder) =>
  [...executions].sort((a, b) => a.at - b.at).map(({ quantity, price }) => ({ quantity, price }));
const sumOf = ({ executions }: BrokerOrder) => Decimal.sum(executions.map(({ quantity }) => decimal(quantity)));

it.each(VENUES)('$name: no read shows a fill without its price, and none is lost', async (venue) => {
  const { clock, broker, fill } = await atVenue(venue);
  const outcome = await broker.place(ACCOUNT, limitBuy(venue));
  if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
  const { orderId } = outcome.order;
  clock.advance(5);
  const reads: (BrokerOrder | undefined)[] = [];
  for (const part of PARTS) {
    await fill(orderId, part);
    for (let read = 0; read < 8; read++) {
      reads.push(await readOf(broker, orderId));
      clock.advance(0.3);
    }
  }
  for (const order of reads.filter((read) => read !== undefined)) {
    expect(TRUE_FILLS).toContainEqual(fillsOf(order));
    expect(order.filledQuantity).toBe(sumOf(order).toString());
    expect(order.status === 'filled').toBe(order.filledQuantity === '10');
  }
  // The list lagged, and an order that was filled by then could not be read as if it were not.
  expect(reads.some((read) => read === undefined)).toBe(true);
  const last = reads.at(-1);
  expect(last).toMatchObject({ status: 'filled', filledQuantity: '10' });
  expect(last && fillsOf(last)).toEqual(PARTS);
});
