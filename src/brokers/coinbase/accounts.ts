/** Wallets as positions, and what an account has. */
import type { Listing } from '../../broker-port/listing.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { listing, OtherKind, type ShownOfRow } from '../../wire/listing.js';
import type { CoinbaseCalls } from './calls.js';
import { readQuotes } from './quotes.js';
import { portfolioBreakdown, pricedWallet, shownWallet, type Wallet, wallet, walletPage } from './schemas.js';

const PAGE = '250';
/** What pairs of ours are quoted in. One coin is held once, whichever of them it was bought with. */
const QUOTE_CURRENCIES = ['USD', 'USDC', 'USDT', 'EUR', 'GBP'];
/** Coinbase gives a dollar for each of these. */
const CASH = ['USD', 'USDC'];
/** Elsewhere lies what secures futures. */
const SPOT_PLATFORMS = ['ACCOUNT_PLATFORM_CONSUMER', 'ACCOUNT_PLATFORM_UNSPECIFIED'];

/**
 * Coinbase keeps a wallet for each currency; what resting orders have promised is still held. Each is read by itself.
 * @throws as `CoinbaseCalls.get`.
 */
export async function walletsOf(calls: CoinbaseCalls, account: string): Promise<unknown[]> {
  const pages = await calls.pages(account, '/accounts', { limit: PAGE }, walletPage);
  return pages.flatMap(({ accounts }) => accounts);
}

/** The portfolio that the wallets are in. */
export function portfolioOf(wallets: readonly unknown[]): string | undefined {
  const ids = wallets.map((row) => shownWallet.parse(row).retail_portfolio_id);
  return ids.find((id) => id !== undefined);
}

/** Coins as positions in their dollar pairs, with what one was paid for, as far as Coinbase shows it. @throws NotPlaced, AnswerLost */
export async function pricedPositions(
  calls: CoinbaseCalls,
  account: string,
  wallets: readonly unknown[],
): Promise<Listing<Position>> {
  const { rows: coins, passedOver } = coinsIn(wallets);
  const portfolio = coins.length > 0 ? portfolioOf(wallets) : undefined;
  const prices =
    portfolio === undefined ? new Map<string, DecimalString>() : await entryPrices(calls, account, portfolio);
  const rows = coins.map((coin) => {
    const averagePrice = coin.uuid === undefined ? undefined : prices.get(coin.uuid);
    return { ...position(coin, 'USD'), ...(averagePrice !== undefined && { averagePrice }) };
  });
  return { rows, passedOver };
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
    const priced = (answer?.breakdown.spot_positions ?? []).flatMap((row) => {
      const { account_uuid, average_entry_price: price } = pricedWallet.safeParse(row).data ?? {};
      const isUsable = account_uuid !== undefined && price !== undefined && decimal(price.value).isPositive();
      return isUsable ? [[account_uuid, price.value] as const] : [];
    });
    return new Map(priced);
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return new Map();
    throw error;
  }
}

/** The same coins as positions in every pair that could sell them: for a look at one pair. */
export function positionsInAllPairs(wallets: readonly unknown[]): Listing<Position> {
  const { rows, passedOver } = coinsIn(wallets);
  return {
    rows: rows.flatMap((coin) => QUOTE_CURRENCIES.map((currency) => position(coin, currency))),
    passedOver: passedOver.flatMap((row) => {
      const [coin, currency] = row.symbol?.split('-') ?? [];
      return currency === undefined ? row : QUOTE_CURRENCIES.map((quote) => ({ ...row, symbol: `${coin}-${quote}` }));
    }),
  };
}

/**
 * In dollars, coins at what they would fetch. Other currencies, and coins without a dollar price or that cannot be read, count
 * for nothing. @throws UnexpectedAnswer when the dollars cannot be read
 */
export async function snapshotOf(
  calls: CoinbaseCalls,
  account: string,
  wallets: readonly unknown[],
): Promise<AccountSnapshot> {
  const dollars = wallets.filter(isCash).map((row) => checked(wallet, row, 'the wallet of dollars'));
  const cash = Decimal.sum(dollars.map(held));
  const coins = coinsIn(wallets).rows.map((coin) => position(coin, 'USD'));
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
    buyingPower: Decimal.sum(dollars.map(({ available_balance }) => decimal(available_balance.value))).toString(),
  };
}

function isCash(row: unknown): boolean {
  const { currency, type } = kindOf(row);
  return CASH.includes(currency ?? '') && (type === 'FIAT' || type === 'CRYPTO');
}

function coinsIn(wallets: readonly unknown[]): Listing<Wallet> {
  const kinds = wallets.map(kindOf);
  const plain = new Set(kinds.filter(({ type }) => type === 'CRYPTO').map(({ currency }) => currency));
  return listing('position', wallets, coinOf, (row) => shownOf(row, plain));
}

/** What lies in a vault, or secures futures, cannot be sold from here; dollars are none of the coins. */
function coinOf(row: unknown): Wallet | undefined {
  const { currency, type } = kindOf(row);
  if (CASH.includes(currency ?? '') || ['FIAT', 'VAULT', 'PERP_FUTURES'].includes(type ?? '')) return undefined;
  const read = checked(wallet, row, `the ${currency ?? 'nameless'} wallet`);
  if (held(read).isZero()) return undefined;
  if (type !== 'CRYPTO') throw new OtherKind(`a wallet of type ${shownWallet.parse(row).type ?? 'none'}`);
  return read;
}

/**
 * A wallet of another type is another pocket of a coin that has a wallet to trade from, and has the coin's name. Where there is
 * no such wallet, it may be the one: it has the name of our pair, so that nobody takes what it holds for nothing.
 */
function shownOf(row: unknown, plain: ReadonlySet<string | undefined>): ShownOfRow {
  const { currency, type } = kindOf(row);
  if (currency === undefined) return {};
  return { symbol: type !== 'CRYPTO' && plain.has(currency) ? currency : `${currency}-USD` };
}

/** `type` without its prefix, which older answers lack; that of futures for what lies where they are traded. */
function kindOf(row: unknown): { currency?: string | undefined; type?: string | undefined } {
  const { currency, type, platform = 'ACCOUNT_PLATFORM_CONSUMER' } = shownWallet.parse(row);
  return { currency, type: SPOT_PLATFORMS.includes(platform) ? type?.replace(/^ACCOUNT_TYPE_/, '') : 'PERP_FUTURES' };
}

/** Wallets do not show what was paid for them. */
function position({ currency: coin, ...wallet }: Wallet, currency: string): Position {
  return { symbol: `${coin}-${currency}`, quantity: held(wallet).toString() };
}

function held({ available_balance, hold }: Pick<Wallet, 'available_balance' | 'hold'>): Decimal {
  return decimal(available_balance.value).plus(decimal(hold.value));
}
