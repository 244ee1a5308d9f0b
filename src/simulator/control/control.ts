/** The control interface, by which a test controls market, clock, accounts and faults. Only this machine can reach it. */
import { type Context, Hono } from 'hono';
import { decimal } from '../../domain/decimal.js';
import type { Account, BrokerName } from '../exchange/accounts.js';
import { applyExternalEvent } from '../faults/apply-external-event.js';
import { faultRequest, isExternalEvent } from '../faults/fault.js';
import { appliesAtOnce } from '../faults/fault-plan.js';
import type { Env } from '../faults/wire.js';
import type { Protocol, Simulator } from '../protocol.js';
import { ledgerOf } from './ledger.js';
import { problem, readBody } from './problems.js';
import { accountBody, clockBody, fillBody, marketBody, splitBody } from './schemas.js';

/** Makes a broker's ids and credentials for new accounts. */
export type AccountMaker = Pick<Protocol, 'newAccountId' | 'newCredentials'>;

export function createControl(simulator: Simulator, makers: ReadonlyMap<BrokerName, AccountMaker>): Hono<Env> {
  const { exchange, faults } = simulator;
  const control = new Hono<Env>();
  control.use(async (_context, next) => {
    await exchange.advance();
    await next();
    await exchange.records.flushed();
  });
  control.get('/ledger', (context) => context.json(ledgerOf(exchange, context.req.query())));
  control.get('/faults', (context) => context.json({ items: faults.list() }));
  control.post('/faults', (context) => postFault(context, simulator));
  control.delete('/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  control.post('/market', (context) => postMarket(context, simulator));
  control.get('/clock', (context) => context.json(clockOf(simulator)));
  control.post('/clock', (context) => postClock(context, simulator));
  control.get('/accounts', (context) => context.json({ items: exchange.accounts.all() }));
  control.post('/accounts', (context) => postAccount(context, simulator, makers));
  control.post('/fills', (context) => postFill(context, simulator));
  control.post('/splits', (context) => postSplit(context, simulator));
  control.post('/reset', (context) => {
    exchange.records.reset();
    return context.body(null, 204);
  });
  control.notFound(() => problem(404, 'There is no such call in the control interface.'));
  return control;
}

async function postFault(context: Context<Env>, { exchange, faults }: Simulator): Promise<Response> {
  const body = await readBody(context, faultRequest);
  if (body instanceof Response) return body;
  const fault = faults.add(body.value);
  const { kind } = fault;
  if (!appliesAtOnce(fault) || !isExternalEvent(kind)) return context.json(fault, 201);
  faults.countAtOnce(fault);
  await applyExternalEvent(exchange, { ...fault, kind }, {});
  return context.json({ ...fault, hits: 1 }, 201);
}

async function postMarket(context: Context<Env>, { exchange }: Simulator): Promise<Response> {
  const body = await readBody(context, marketBody);
  if (body instanceof Response) return body;
  await exchange.setPrices(body.value);
  const quote = await exchange.quote(body.value.symbol);
  return context.json({ ...quote, at: new Date(exchange.now()).toISOString() });
}

async function postClock(context: Context<Env>, simulator: Simulator): Promise<Response> {
  const body = await readBody(context, clockBody);
  if (body instanceof Response) return body;
  const { exchange } = simulator;
  const { now, advanceSeconds, speed } = body.value;
  const jump = advanceSeconds === undefined ? undefined : exchange.now() + Math.round(advanceSeconds * 1000);
  try {
    exchange.clock.set({ now: now === undefined ? jump : Date.parse(now), speed });
  } catch (error) {
    if (error instanceof RangeError)
      return problem(409, `${error.message}. To go back in time, reset the simulator (POST /control/reset).`);
    throw error;
  }
  await exchange.advance();
  return context.json(clockOf(simulator));
}

function clockOf({ exchange }: Simulator) {
  return {
    now: new Date(exchange.now()).toISOString(),
    speed: exchange.clock.speed(),
    session: exchange.session('equity'),
  };
}

async function postAccount(
  context: Context<Env>,
  { exchange }: Simulator,
  makers: ReadonlyMap<BrokerName, AccountMaker>,
): Promise<Response> {
  const body = await readBody(context, accountBody);
  if (body instanceof Response) return body;
  const { broker, type, cash, positions = [], login, clients = [] } = body.value;
  const maker = makers.get(broker);
  if (maker === undefined) return problem(409, `This simulator does not simulate ${broker}.`);
  const id = maker.newAccountId();
  const credentials = maker.newCredentials?.(id) ?? {};
  const account: Account = { broker, type, account: id, login, openedAt: exchange.now(), credentials };
  exchange.openAccount(account, decimal(cash), positions);
  for (const client of clients) exchange.accounts.register(broker, client);
  return context.json(account, 201);
}

async function postFill(context: Context<Env>, { exchange }: Simulator): Promise<Response> {
  const body = await readBody(context, fillBody);
  if (body instanceof Response) return body;
  const { broker, orderId, quantity, price } = body.value;
  const accounts = exchange.accounts.ofBroker(broker);
  const order = accounts.map(({ account }) => exchange.records.order(account, orderId)).find((found) => found);
  if (order === undefined) return problem(404, `${broker} has no order ${orderId}.`);
  const isFilled = await exchange.fill(order, { quantity: decimal(quantity), price: decimal(price) });
  if (!isFilled)
    return problem(409, 'The order has ended, its limit does not allow the price, or the account cannot pay for it.');
  return context.json({ orderId, filledQuantity: exchange.records.order(order.account, orderId)?.state.filled });
}

async function postSplit(context: Context<Env>, { exchange }: Simulator): Promise<Response> {
  const body = await readBody(context, splitBody);
  if (body instanceof Response) return body;
  const { symbol, ratio, price } = body.value;
  const split = { symbol, ratio: decimal(ratio), ...(price !== undefined && { price: decimal(price) }) };
  exchange.externalEvents.split(split, exchange.now());
  return context.body(null, 204);
}
