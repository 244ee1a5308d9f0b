/**
 * What the accounts of people show and Arbion never trades, in Schwab's forms; the values are invented. Nothing of it counts in
 * balances or is matched. Sources of the forms: jwplatta/schwab_rb, spec/fixtures/orders_with_iron_condor.json (verticals, ended
 * orders) and account.json (positions); go-schwab/trader, issue 27 (every field of an order, `quantityType`); alexgolec/schwab-py,
 * schwab/orders/common.py (order types, durations, instructions); the Trader API's models (AccountCashEquivalent,
 * AccountFixedIncome, AccountMutualFund).
 */
import type { Account } from '../exchange/accounts.js';
import { schwabTime } from './answers.js';
import type { Entry } from './order-list.js';

type Row = Readonly<Record<string, unknown>>;

function legOf(symbol: string, instruction: string, quantity: number, more: Row = {}, assetType = 'EQUITY'): Row {
  return {
    ...{ orderLegType: assetType, legId: 1, instruction, positionEffect: 'AUTOMATIC', quantity, ...more },
    instrument: { assetType, cusip: '000000009', symbol, instrumentId: 9_001 },
  };
}

const option = (strike: string, instruction: string) => legOf(`AAPL  270115C${strike}`, instruction, 1, {}, 'OPTION');

/** A limit order for ten shares, unless changed. */
const LIMIT: Row = {
  ...{ session: 'NORMAL', duration: 'GOOD_TILL_CANCEL', orderType: 'LIMIT', complexOrderStrategyType: 'NONE' },
  ...{ quantity: 10, filledQuantity: 0, remainingQuantity: 10, price: 1.11, stopPrice: null, statusDescription: null },
  ...{ requestedDestination: 'AUTO', destinationLinkName: 'AutoRoute', orderLegCollection: [legOf('KO', 'BUY', 10)] },
  ...{ orderStrategyType: 'SINGLE', cancelable: true, editable: true, status: 'WORKING', tag: 'API_TOS:TRADE_ALL' },
  orderActivityCollection: null,
};

const CANCELLED: Row = { status: 'CANCELED', remainingQuantity: 0, cancelable: false, editable: false };

const SELL = { orderLegCollection: [legOf('KO', 'SELL', 10)] };
const STOP = { ...SELL, orderType: 'STOP', price: null, stopPrice: 1.01, stopType: 'STANDARD' };
const EXITS: readonly Row[] = [
  { ...SELL, price: 999 },
  { ...STOP, status: 'AWAITING_STOP_CONDITION' },
];

/** Each a change of `LIMIT`, by what it is. */
const ORDERS: readonly Row[] = [
  // entered in another program, and still working
  {},
  // entered and cancelled
  { ...CANCELLED, orderActivityCollection: [end(10)] },
  // a vertical
  {
    ...{
      orderType: 'NET_DEBIT',
      complexOrderStrategyType: 'VERTICAL',
      duration: 'DAY',
      quantity: 1,
      remainingQuantity: 1,
    },
    orderLegCollection: [option('00210000', 'BUY_TO_OPEN'), option('00220000', 'SELL_TO_OPEN')],
  },
  // a trail in dollars
  {
    ...{ ...SELL, orderType: 'TRAILING_STOP', price: null, status: 'AWAITING_STOP_CONDITION' },
    ...{ stopPriceLinkBasis: 'LAST', stopPriceLinkType: 'VALUE', stopPriceOffset: 2.5 },
  },
  { orderType: 'MARKET_ON_CLOSE', duration: 'DAY', price: null },
  { duration: 'END_OF_WEEK' },
  { specialInstruction: 'ALL_OR_NONE' },
  // for so many dollars
  {
    ...{ orderType: 'MARKET', duration: 'DAY', price: null, quantity: 50, remainingQuantity: 50 },
    orderLegCollection: [legOf('AAPL', 'BUY', 50, { quantityType: 'DOLLARS' })],
  },
  // a bond
  { orderLegCollection: [legOf('912810TM0', 'BUY', 10, {}, 'FIXED_INCOME')] },
  // a status that no list has
  { status: 'SOMETHING_NEW', orderLegCollection: [legOf('AAPL', 'BUY', 10)] },
];

function end(quantity: number): Row {
  const leg = {
    legId: 1,
    quantity,
    mismarkedQuantity: 0,
    price: 0,
    time: '2026-01-05T15:00:00+0000',
    instrumentId: 9_001,
  };
  return {
    ...{ activityType: 'EXECUTION', activityId: 9_001, executionType: 'CANCELED', quantity, orderRemainingQuantity: 0 },
    executionLegs: [leg],
  };
}

/** Their ids are below those of the exchange, and of one account only. */
const IDS_OF_AN_ACCOUNT = 100;

/** Entered when the account was opened. */
export function unrelatedOrders({ account, openedAt }: Account): Entry[] {
  let nextId = Number(account) * IDS_OF_AN_ACCOUNT;
  const entered = { enteredTime: schwabTime(openedAt), accountNumber: Number(account) };
  const shown = (change: Row): Row => ({ ...LIMIT, ...change, orderId: nextId++, ...entered });
  const pair = (): Row => ({
    ...{
      orderStrategyType: 'OCO',
      orderId: nextId++,
      cancelable: true,
      editable: false,
      status: 'WORKING',
      ...entered,
    },
    childOrderStrategies: EXITS.map(shown),
  });
  const trigger: Row = { ...shown({}), orderStrategyType: 'TRIGGER', childOrderStrategies: [pair()] };
  return [...ORDERS.map(shown), pair(), trigger].map((row) => ({
    ...{ orderId: String(row.orderId), status: String(row.status), placedAt: openedAt, orders: [], shown: row },
  }));
}

/**
 * What the stream reports of a person's orders: kinds of messages as Schwabdev's documentation lists and shows them
 * (tylerebowers/Schwabdev, pages on the stream, "Account activity"), and one that nobody lists.
 */
export function unrelatedActivities(account: Account): { account: string; type: string; text: string }[] {
  const types = ['OrderCreated', 'OrderMonitorCreated', 'ExecutionRequested', 'SomethingNew'];
  const orders = unrelatedOrders(account);
  return types.map((EventType, index) => {
    const SchwabOrderID = orders[index]?.orderId;
    const text = JSON.stringify({ SchwabOrderID, AccountNumber: account.account, BaseEvent: { EventType } });
    return { account: account.account, type: EventType, text };
  });
}

function holding(instrument: Row, change: Row = {}): Row {
  return {
    ...{ shortQuantity: 0, averagePrice: 1, longQuantity: 100, settledLongQuantity: 100, settledShortQuantity: 0 },
    ...{
      instrument: { cusip: '000000009', netChange: 0, ...instrument },
      marketValue: 100,
      currentDayCost: 0,
      ...change,
    },
  };
}

export const UNRELATED_POSITIONS: readonly object[] = [
  holding({ assetType: 'CASH_EQUIVALENT', symbol: 'MMDA1', type: 'MONEY_MARKET_FUND' }, { averagePrice: null }),
  holding({ assetType: 'FIXED_INCOME', symbol: '912810TM0', maturityDate: '2052-08-15T00:00:00.000Z' }),
  holding({ assetType: 'MUTUAL_FUND', symbol: 'VFIAX' }, { longQuantity: 1.234 }),
  holding({ assetType: 'CASH_EQUIVALENT', symbol: null, type: 'SWEEP_VEHICLE' }, { averagePrice: null }),
];
