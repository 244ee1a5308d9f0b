import { Decimal, decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { UnexpectedAnswer } from '../wire/outcomes.js';
import type { CoinbaseApi } from './coinbase-api.js';
import { quotes } from './quotes.js';
import { type Wallet, walletPage } from './schemas.js';

const PAGE = '250';
/** What pairs of ours are quoted in. One coin is held once, whichever of them it was bought with. */
const QUOTE_CURRENCIES = ['USD', 'USDC', 'USDT', 'EUR', 'GBP'];

/** Coinbase keeps a wallet for each currency; what resting orders have promised is still held. @throws as `CoinbaseApi.get`. */
export async function walletsOf(api: CoinbaseApi, account: string): Promise<Wallet[]> {
  const pages = await api.pages(account, '/accounts', { limit: PAGE }, walletPage);
  return pages.flatMap(({ accounts }) => accounts);
}

/** Coins as positions in their dollar pairs. */
export function positionsIn(wallets: readonly Wallet[]): Position[] {
  return coinsIn(wallets).map((wallet) => position(wallet, 'USD'));
}

/** The same coins as positions in every pair that could sell them: for a look at one pair. */
export function positionsInAllPairs(wallets: readonly Wallet[]): Position[] {
  return coinsIn(wallets).flatMap((wallet) => QUOTE_CURRENCIES.map((currency) => position(wallet, currency)));
}

/** In dollars, coins at what they would fetch. Other currencies, and coins without a dollar price, count for nothing. */
export async function snapshotOf(
  api: CoinbaseApi,
  account: string,
  wallets: readonly Wallet[],
): Promise<AccountSnapshot> {
  const dollars = wallets.filter(({ currency }) => currency === 'USD');
  const cash = Decimal.sum(dollars.map(held));
  const coins = positionsIn(wallets);
  const prices = await quotes(
    api,
    coins.map(({ symbol }) => symbol),
    account,
  );
  const values = coins.map((coin) => {
    const { bid, last } = prices.find(({ symbol }) => symbol === coin.symbol) ?? {};
    return decimal(coin.quantity).times(decimal(bid ?? last ?? '0'));
  });
  return {
    equity: cash.plus(Decimal.sum(values)).toString(),
    cash: cash.toString(),
    buyingPower: Decimal.sum(dollars.map((wallet) => decimal(wallet.available_balance.value))).toString(),
  };
}

/** @throws UnexpectedAnswer when something is held in a wallet of a type that is not known. */
function coinsIn(wallets: readonly Wallet[]): Wallet[] {
  return wallets.filter((wallet) => !held(wallet).isZero() && isOfCoins(wallet));
}

/** What lies in a vault, or secures futures, cannot be sold from here. */
function isOfCoins({ type, currency }: Wallet): boolean {
  const plain = type.replace(/^ACCOUNT_TYPE_/, '');
  if (plain === 'CRYPTO') return true;
  if (plain === 'FIAT' || plain === 'VAULT' || plain === 'PERP_FUTURES') return false;
  throw new UnexpectedAnswer(`the ${currency} wallet is of a type that is not known: ${type}`);
}

/** What was paid for it is not told: `averagePrice` is 0. */
function position(wallet: Wallet, currency: string): Position {
  return {
    symbol: `${wallet.currency}-${currency}`,
    quantity: held(wallet).toString(),
    averagePrice: Decimal.zero.toString(),
  };
}

function held({ available_balance, hold }: Wallet): Decimal {
  return decimal(available_balance.value).plus(decimal(hold.value));
}
