/**
 * What clients of Advanced Trade ask of the Coinbase App API, version 2: currencies, rates, the time and wallets
 * (docs.cdp.coinbase.com/coinbase-app/track-apis: currencies, exchange-rates, time, accounts). All else there is not found.
 */
import { Hono } from 'hono';
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { uuidOf } from '../uuid.js';
import { type Shown, walletsOf } from './account-views.js';
import type { SignedIn } from './signed-in.js';

const DEFAULT_PAGE = 25;
const LARGEST_PAGE = 100;
/** Of coins, in this API. */
const EXPONENT = 8;
const DOLLAR = { id: 'USD', name: 'United States Dollar', min_size: '0.01' };
/** Staked coins are no accounts here. */
const TYPES: Readonly<Record<string, string>> = {
  ACCOUNT_TYPE_CRYPTO: 'wallet',
  ACCOUNT_TYPE_FIAT: 'fiat',
  ACCOUNT_TYPE_VAULT: 'vault',
};

export function appRoutes(simulator: Shown, handleCall: HandleCall, signedIn: SignedIn): Hono<Env> {
  const { exchange } = simulator;
  const facts = { operation: 'other' as const };
  const routes = new Hono<Env>();
  routes.get('/currencies', (context) => handleCall(context, facts, () => Response.json({ data: [DOLLAR] })));
  routes.get('/currencies/crypto', (context) =>
    handleCall(context, facts, () => Response.json({ data: coinsOf(exchange).map(coinView) })),
  );
  routes.get('/exchange-rates', (context) =>
    handleCall(context, { operation: 'quote' }, (call) =>
      rates(exchange, context.req.query('currency') ?? 'USD', call),
    ),
  );
  routes.get('/time', () => {
    const now = exchange.now();
    return Response.json({ data: { iso: new Date(now).toISOString(), epoch: Math.floor(now / 1000) } });
  });
  routes.get(
    '/accounts',
    signedIn('wallet:accounts:read', (context, { account }) =>
      handleCall(context, { operation: 'positions', account: account.account }, (call) =>
        accountPage(simulator, account, new URL(context.req.url).searchParams, call),
      ),
    ),
  );
  routes.all('*', () => Response.json({ errors: [{ id: 'not_found', message: 'Not found' }] }, { status: 404 }));
  return routes;
}

function coinsOf(exchange: Exchange): string[] {
  const pairs = exchange.market.symbols(exchange.now()).filter((symbol) => symbol.endsWith('-USD'));
  return pairs.map((symbol) => symbol.replace(/-USD$/, ''));
}

function coinView(code: string, index = 0) {
  return {
    ...{ asset_id: uuidOf(`coin ${code}`), code, name: code, color: '#0052FF', sort_index: 100 + index },
    ...{ exponent: EXPONENT, type: 'crypto', address_regex: '^.+$' },
  };
}

/** How much of each currency one unit of the base currency is: dollars, or a coin's. */
async function rates(exchange: Exchange, currency: string, call: Call): Promise<Response> {
  const prices = new Map([['USD', Decimal.one]]);
  for (const coin of coinsOf(exchange)) {
    const quote = await exchange.quote(`${coin}-USD`, call);
    const price = quote?.last ?? quote?.bid;
    if (price !== undefined) prices.set(coin, decimal(price));
  }
  const base = prices.get(currency);
  if (base === undefined) {
    return Response.json({ errors: [{ id: 'invalid_request', message: 'Invalid currency' }] }, { status: 400 });
  }
  const shown = [...prices].map(([code, price]) => [code, base.dividedBy(price, 2 * EXPONENT, 'half_even').toString()]);
  return Response.json({ data: { currency, rates: Object.fromEntries(shown) } });
}

function accountPage(simulator: Shown, owner: Account, query: URLSearchParams, call: Call): Response {
  const all = walletsOf(simulator, owner, call).flatMap(accountView);
  const start = 1 + all.findIndex(({ id }) => id === query.get('starting_after'));
  const limit = Math.min(Number(query.get('limit') ?? DEFAULT_PAGE) || DEFAULT_PAGE, LARGEST_PAGE);
  const data = all.slice(start, start + limit);
  const next = start + limit < all.length ? (data.at(-1)?.id ?? null) : null;
  const pagination = {
    ...{ ending_before: null, starting_after: query.get('starting_after'), previous_ending_before: null },
    ...{ next_starting_after: next, limit, order: 'desc', previous_uri: null },
    next_uri: next && `/v2/accounts?limit=${limit}&starting_after=${next}`,
  };
  return Response.json({ pagination, data });
}

/** The balance is all there is, what open orders hold included. */
function accountView(wallet: Readonly<Record<string, unknown>>) {
  const type = TYPES[String(wallet.type)];
  const { uuid, currency, name, created_at, updated_at } = wallet;
  if (type === undefined) return [];
  const [id, code] = [String(uuid), String(currency)];
  const amount = Decimal.sum([wallet.available_balance, wallet.hold].map(amountOf)).toString();
  return [
    {
      ...{ id, name, primary: code === 'BTC' && type === 'wallet', type, balance: { amount, currency: code } },
      currency: type === 'fiat' ? { code, name: code, color: '#0066cf', exponent: 2, type: 'fiat' } : coinView(code),
      ...{ created_at, updated_at, resource: 'account', resource_path: `/v2/accounts/${id}` },
      ...{ allow_deposits: true, allow_withdrawals: true },
    },
  ];
}

function amountOf(balance: unknown): Decimal {
  return decimal((balance as { value?: string } | null)?.value ?? '0');
}
