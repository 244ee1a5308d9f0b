import { z } from 'zod';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { understood } from './answers.js';
import type { AlpacaCalls } from './calls.js';
import { type AlpacaOrder, alpacaOrder, listedOrder } from './schemas.js';

type ListedOrder = z.infer<typeof listedOrder>;

const PAGE_SIZE = 500;

/** Every open order that is wanted, the oldest first. What is not wanted need not be understood. */
export async function readOpenOrders(
  calls: AlpacaCalls,
  account: string,
  isWanted: (clientOrderId: string) => boolean,
): Promise<AlpacaOrder[]> {
  const found = new Map<string, ListedOrder>();
  let page: ListedOrder[];
  do {
    page = await readPage(calls, account, [...found.values()].at(-1));
    const before = found.size;
    for (const order of page) found.set(order.id, order);
    if (page.length === PAGE_SIZE && found.size === before) {
      throw new UnexpectedAnswer('more open orders of one instant than Alpaca lists');
    }
  } while (page.length === PAGE_SIZE);
  const wanted = [...found.values()].filter(({ client_order_id: id }) => isWanted(id));
  return wanted.map((order) => understood(order, alpacaOrder));
}

/** A page begins just before the last order of the page before it, so that none of the same instant is left out. */
function readPage(calls: AlpacaCalls, account: string, last: ListedOrder | undefined): Promise<ListedOrder[]> {
  const after = last && new Date(Date.parse(last.submitted_at) - 1).toISOString();
  const parameters = {
    ...{ status: 'open', limit: String(PAGE_SIZE), direction: 'asc' },
    ...(after !== undefined && { after }),
  };
  return calls.get(account, { path: '/v2/orders', parameters }, z.array(listedOrder));
}
