/** Wallets: one for dollars and one for each coin (docs/brokers/coinbase.md, section 4). */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { executionsOf } from '../exchange/orders.js';
import type { Simulator } from '../protocol.js';
import { uuidOf } from '../uuid.js';
import { failure } from './answers.js';
import { unrelatedWallets } from './unrelated.js';

const DEFAULT_PAGE = 49;
const LARGEST_PAGE = 250;

export type Shown = Pick<Simulator, 'exchange' | 'hasUnrelated'>;

export function accountList(simulator: Shown, owner: Account, query: URLSearchParams, call: Call): Response {
  const all = walletsOf(simulator, owner, call);
  const start = Number(query.get('cursor') ?? '0') || 0;
  const size = Math.min(Number(query.get('limit') ?? DEFAULT_PAGE) || DEFAULT_PAGE, LARGEST_PAGE);
  const accounts = all.slice(start, start + size);
  const hasNext = start + size < all.length;
  return Response.json({
    accounts,
    has_next: hasNext,
    cursor: hasNext ? String(start + size) : '',
    size: accounts.length,
  });
}

export function oneAccount(simulator: Shown, owner: Account, uuid: string, call: Call): Response {
  const account = walletsOf(simulator, owner, call).find((wallet) => wallet.uuid === uuid);
  return account ? Response.json({ account }) : failure(404, 'NOT_FOUND', 'account not found');
}

/** The positions with what they cost. Other fields of Coinbase's answer are left out. */
export function portfolioBreakdown(exchange: Exchange, owner: Account, uuid: string, call: Call): Response {
  if (uuid !== owner.account) return failure(404, 'NOT_FOUND', 'portfolio not found');
  const positions = exchange.holdings(owner.account, call).positions.map(({ symbol, quantity, averagePrice }) => {
    const asset = symbol.replace(/-.*$/, '');
    const price = averagePrice.roundedTo(8, 'half_even');
    return {
      ...{ asset, account_uuid: walletId(owner.account, asset), account_type: 'ACCOUNT_TYPE_CRYPTO', is_cash: false },
      total_balance_crypto: Number(quantity.toString()),
      cost_basis: { value: price.times(quantity).toString(), currency: 'USD' },
      average_entry_price: { value: price.toString(), currency: 'USD' },
    };
  });
  return Response.json({
    breakdown: { portfolio: portfolioView(uuid), spot_positions: positions, perp_positions: [], futures_positions: [] },
  });
}

/** One, as a key is for one. */
export function portfolioList({ account }: Account, query: URLSearchParams): Response {
  const type = query.get('portfolio_type') ?? 'DEFAULT';
  const portfolios = type === 'DEFAULT' || type === 'UNDEFINED' ? [portfolioView(account)] : [];
  return Response.json({ portfolios });
}

/** The fees of the account's tier, which is always the first. Spot alone is traded. */
export async function transactionSummary(exchange: Exchange, { account }: Account): Promise<Response> {
  const fills = exchange.orders(account, {}).flatMap(executionsOf);
  const volume = Number(
    Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price)))).toString(),
  );
  const fees = Number(Decimal.sum(fills.map(({ fee }) => decimal(fee))).toString());
  const rate = exchange.feeOf('coinbase', Decimal.one, Decimal.one).toString();
  const range = { usd_from: '0', usd_to: '10000', aop_from: '', aop_to: '' };
  return Response.json({
    ...{ total_volume: volume, total_fees: fees, margin_rate: null, goods_and_services_tax: null },
    fee_tier: { pricing_tier: 'Advanced 1', ...range, taker_fee_rate: rate, maker_fee_rate: rate },
    ...{ advanced_trade_only_volume: volume, advanced_trade_only_fees: fees },
    ...{ coinbase_pro_volume: 0, coinbase_pro_fees: 0, total_balance: (await exchange.equity(account)).toString() },
  });
}

function portfolioView(uuid: string) {
  return { name: 'Default', uuid, type: 'DEFAULT', deleted: false };
}

function walletId(account: string, currency: string): string {
  return uuidOf(`wallet ${account} ${currency}`);
}

export function walletsOf({ exchange, hasUnrelated }: Shown, owner: Account, call: Call) {
  const { account } = owner;
  const holdings = exchange.holdings(account, call);
  const coins = holdings.positions.map(({ symbol, quantity }) => {
    const held = holdings.held(symbol);
    return walletView(owner, { currency: symbol.replace(/-.*$/, ''), available: quantity.minus(held), held });
  });
  const dollars = {
    currency: 'USD',
    available: holdings.buyingPower,
    held: holdings.cash.minus(holdings.buyingPower).max(decimal('0')),
  };
  return [...coins, walletView(owner, dollars), ...(hasUnrelated ? unrelatedWallets(owner) : [])];
}

function walletView(
  { account, openedAt }: Account,
  { currency, available, held }: { currency: string; available: Decimal; held: Decimal },
) {
  const isFiat = currency === 'USD';
  const opened = new Date(openedAt).toISOString();
  return {
    ...{ uuid: walletId(account, currency), name: isFiat ? 'Cash (USD)' : `${currency} Wallet`, currency },
    available_balance: { value: available.toString(), currency },
    ...{ default: !isFiat, active: true, created_at: opened, updated_at: opened, deleted_at: null },
    ...{ type: isFiat ? 'ACCOUNT_TYPE_FIAT' : 'ACCOUNT_TYPE_CRYPTO', ready: true },
    ...{ hold: { value: held.toString(), currency }, retail_portfolio_id: account },
  };
}
