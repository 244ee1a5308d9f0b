/** Wallets: one for dollars and one for each coin (docs/brokers/coinbase.md, section 4). */
import { type Decimal, decimal } from '../../domain/decimal.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { uuidOf } from '../uuid.js';
import { failure } from './answers.js';

const DEFAULT_PAGE = 49;
const LARGEST_PAGE = 250;

export function accountList(exchange: Exchange, owner: Account, query: URLSearchParams, call: Call): Response {
  const all = wallets(exchange, owner, call);
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

export function oneAccount(exchange: Exchange, owner: Account, uuid: string, call: Call): Response {
  const account = wallets(exchange, owner, call).find((wallet) => wallet.uuid === uuid);
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
  const portfolio = { name: 'Default', uuid, type: 'DEFAULT', deleted: false };
  return Response.json({
    breakdown: { portfolio, spot_positions: positions, perp_positions: [], futures_positions: [] },
  });
}

function walletId(account: string, currency: string): string {
  return uuidOf(`wallet ${account} ${currency}`);
}

function wallets(exchange: Exchange, owner: Account, call: Call) {
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
  return [...coins, walletView(owner, dollars)];
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
