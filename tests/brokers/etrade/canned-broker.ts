/** A broker whose server says what a test gives it, in the forms of E*TRADE's documents. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { unlimited } from '../../../src/broker-port/request-budget.js';
import { EtradeBroker } from '../../../src/brokers/etrade/etrade-broker.js';

export const AT = 1_772_548_263_987;

/** Every call is answered with what its path is given here, with or without its query; with nothing (204) otherwise. */
export async function brokerThatHears(answers: Record<string, unknown>, status = 200): Promise<EtradeBroker> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://any');
    const path = pathname.replace('/v1/accounts/key', '');
    const body = answers[path + search] ?? answers[path];
    if (body === undefined) response.writeHead(204).end();
    else response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const opened = {
    key: 'key',
    credential: { kind: 'oauth1', consumerKey: 'a', consumerSecret: 'b', token: 'c', tokenSecret: 'd' },
  } as const;
  const access = { open: async () => opened, renew: async () => opened };
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new EtradeBroker({ baseUrl, access, budget: unlimited, now: () => AT });
}

export function order(orderId: number, detail: object = {}, instrument: object = {}) {
  const Instrument = [
    {
      ...{ orderAction: 'BUY', quantityType: 'QUANTITY', orderedQuantity: 40, filledQuantity: 0.0 },
      Product: { symbol: 'AAPL', securityType: 'EQ' },
      ...instrument,
    },
  ];
  const terms = { orderTerm: 'GOOD_FOR_DAY', priceType: 'LIMIT', limitPrice: 200, stopPrice: 0 };
  const placed = { placedTime: AT, status: 'OPEN', marketSession: 'REGULAR', ...terms };
  return { orderId, orderType: 'EQ', OrderDetail: [{ ...placed, Instrument, ...detail }] };
}
export const listOf = (...orders: object[]) => ({ OrdersResponse: { Order: orders } });
