/** Wallets as positions, and what an account has. */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import type { CoinbaseCalls } from './calls.js';
import { readQuotes } from './quotes.js';
import { portfolioBreakdown, type Wallet, walletPage } from './schemas.js';

const PAGE = '250';
/** What pairs of ours are quoted in. One coin is held once, whichever of them it was bought with. */
const QUOTE_CURRENCIES = ['USD', 'USDC', 'USDT', 'EUR', 'GBP'];

/** Coinbase keeps a wallet for each currency; what resting orders have promised is still held. @throws as `CoinbaseCalls.get`. */
export async function walletsOf(calls: CoinbaseCalls, account: string): Promise<Wallet[]> {
  const pages = await calls.pages(account, '/accounts', { limit: PAGE }, walletPage);
  return pages.flatMap(({ accounts }) => accounts);
}

/** Coins as positions in their dollar pairs. */
export function positionsIn(wallets: readonly Wallet[]): Position[] {
  return coinsIn(wallets).map((wallet) => position(wallet, 'USD'));
}

/** The same with what a coin of them was paid for, as far as Coinbase shows it. @throws NotPlaced, AnswerLost */
export async function pricedPositions(
  calls: CoinbaseCalls,
  account: string,
  wallets: readonly Wallet[],
): Promise<Position[]> {
  const coins = coinsIn(wallets);
  const portfolio = coins[0]?.retail_portfolio_id;
  const prices =
    portfolio === undefined ? new Map<string, DecimalString>() : await entryPrices(calls, account, portfolio);
  return coins.map((wallet) => {
    const averagePrice = wallet.uuid === undefined ? undefined : prices.get(wallet.uuid);
    return { ...position(wallet, 'USD'), ...(averagePrice !== undefined && { averagePrice }) };
  });
}

/** By wallet, in dollars. None when the key or grant may not see its portfolio: what is held is known all the same. */
async function entryPrices(
  calls: CoinbaseCalls,
  account: string,
  portfolio: string,
): Promise<Map<string, DecimalString>> {
  try {
    const path = `/portfolios/${encodeURIComponent(portfolio)}`;
    const answer = await calls.get(account, path, {}, portfolioBreakdown);
    const priced = (answer?.breakdown.spot_positions ?? []).flatMap(({ account_uuid, average_entry_price: price }) => {
      const isUsable = price?.currency === 'USD' && decimal(price.value).isPositive();
      return isUsable ? [[account_uuid, price.value] as const] : [];
    });
    return new Map(priced);
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return new Map();
    throw error;
  }
}

/** The same coins as positions in every pair that could sell them: for a look at one pair. */
export function positionsInAllPairs(wallets: readonly Wallet[]): Position[] {
  return coinsIn(wallets).flatMap((wallet) => QUOTE_CURRENCIES.map((currency) => position(wallet, currency)));
}

/** In dollars, coins at what they would fetch. Other currencies, and coins without a dollar price, count for nothing. */
export async function snapshotOf(
  calls: CoinbaseCalls,
  account: string,
  wallets: readonly Wallet[],
): Promise<AccountSnapshot> {
  const dollars = wallets.filter(({ currency }) => currency === 'USD');
  const cash = Decimal.sum(dollars.map(held));
  const coins = positionsIn(wallets);
  const prices = await readQuotes(
    calls,
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

/** Wallets do not show what was paid for them. */
function position(wallet: Wallet, currency: string): Position {
  return { symbol: `${wallet.currency}-${currency}`, quantity: held(wallet).toString() };
}

function held({ available_balance, hold }: Wallet): Decimal {
  return decimal(available_balance.value).plus(decimal(hold.value));
}
