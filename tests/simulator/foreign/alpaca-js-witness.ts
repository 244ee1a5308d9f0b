/** @alpacahq/alpaca-trade-api, as Alpaca published it, through a day at the simulated Alpaca. Its calls are those of its README. */
import { Alpaca, TimeFrame, ValidationError } from '@alpacahq/alpaca-trade-api';

export interface AlpacaSettings {
  url: string;
  keyId: string;
  secretKey: string;
}

const HOSTS = /^https:\/\/(paper-api|data)\.alpaca\.markets/;
const MINUTE_MS = 60_000;
const limit = { symbol: 'AAPL', qty: 5, side: 'buy', limitPrice: 200, clientOrderId: 'js-1' } as const;

export async function alpacaJsWitness({ url, keyId, secretKey }: AlpacaSettings): Promise<Record<string, unknown>> {
  const settings = {
    keyId,
    // the setting for another host; the addresses are otherwise Alpaca's own
    fetchApi: ((address, init) => fetch(String(address).replace(HOSTS, url), init)) as typeof fetch,
  };
  const alpaca = new Alpaca({ ...settings, secret: secretKey });
  const updates = await watch(alpaca, url);
  const orders = await trade(alpaca);
  const trading = {
    'sign in': [await isLetIn(alpaca), await isLetIn(new Alpaca({ ...settings, secret: 'wrong' }))],
    account: (await alpaca.trading.account.getAccount()).buyingPower,
    quotes: await prices(alpaca),
    ...orders,
    positions: await positions(alpaca),
  };
  return { ...trading, stream: await updates.until(14) };
}

async function isLetIn(alpaca: Alpaca): Promise<unknown> {
  const answer = await alpaca.trading.validateConnection();
  return answer.ok ? answer.account.status : answer.status;
}

async function watch(alpaca: Alpaca, url: string) {
  const seen: string[] = [];
  const stream = alpaca.trading.stream({ url: `${url.replace('http', 'ws')}/stream` });
  const listening = new Promise<void>((resolve) => stream.onConnect(() => resolve()));
  stream.onTradeUpdate(({ event, order }) => {
    // not of what a person does beside
    if (['AAPL', 'MSFT'].includes(order.symbol ?? '')) seen.push(event);
  });
  stream.connect();
  await listening;
  stream.subscribeTradeUpdates();
  const until = async (count: number): Promise<string[]> => {
    for (let tries = 0; tries < 100 && seen.length < count; tries += 1) await new Promise((on) => setTimeout(on, 50));
    stream.disconnect();
    return seen;
  };
  return { until };
}

async function prices({ marketData, trading }: Alpaca): Promise<Record<string, unknown>> {
  const { quotes } = await marketData.stocks.stockLatestQuotes({ symbols: 'AAPL,MSFT' });
  const coins = await marketData.crypto.cryptoLatestQuotes({ loc: 'us', symbols: 'BTC/USD' });
  const { timestamp = new Date(), isOpen } = await trading.clock.legacyClock();
  const span = { timeframe: TimeFrame.Minute, start: new Date(timestamp.getTime() - 5 * MINUTE_MS), end: timestamp };
  const bars = await marketData.getStockBars({ symbols: ['AAPL'], ...span });
  return {
    stocks: Object.entries(quotes).map(([symbol, { bp, ap }]) => [symbol, bp, ap]),
    coin: coins.quotes['BTC/USD']?.bp,
    last: await marketData.getLatestPrice('AAPL'),
    bars: bars.AAPL?.length,
    isOpen,
  };
}

async function trade({ trading: { orders } }: Alpaca): Promise<Record<string, unknown>> {
  const resting = await orders.limit(limit);
  const repeated = await orders.limit(limit).catch((error: unknown) => error);
  const read = await orders.getOrderByClientOrderId({ clientOrderId: 'js-1' });
  const orderId = String(resting.id);
  const changed = await orders.patchOrderByOrderId({ orderId, patchOrderRequest: { limitPrice: '201' } });
  await orders.deleteOrderByOrderID({ orderId: String(changed.id) });
  const cancelled = await orders.getOrderByOrderID({ orderId: String(changed.id) });
  const bought = await orders.market({ symbol: 'AAPL', qty: 5, side: 'buy' });
  const stop = await orders.stop({ symbol: 'AAPL', qty: 5, side: 'sell', stopPrice: 198.4, timeInForce: 'gtc' });
  const exits = { takeProfit: { limitPrice: 450 }, stopLoss: { stopPrice: 380 } };
  const bracket = await orders.bracket({ symbol: 'MSFT', qty: 2, side: 'buy', timeInForce: 'gtc', ...exits });
  const open = await orders.getAllOrders({ status: 'open', symbols: ['AAPL'] });
  const everything = await orders.deleteAllOrders();
  return {
    place: [resting.status, repeated instanceof ValidationError && repeated.code, stop.type, bracket.legs?.length],
    read: [read.id === resting.id, (await orders.getOrderByOrderID({ orderId: String(bought.id) })).filledAvgPrice],
    replace: [changed.replaces === resting.id, changed.limitPrice],
    list: open.map(({ type }) => type),
    cancel: [cancelled.status, everything.map(({ status }) => status)],
  };
}

async function positions({ trading }: Alpaca): Promise<unknown> {
  const held = await trading.positions.getAllOpenPositions();
  return held.map(({ symbol, qty }) => [symbol, qty]);
}
