/** Accounts, balances and positions (E*TRADE's accounts API, v1). */
import type { Listing } from '../../broker-port/listing.js';
import { decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { listing, OtherKind, type ShownOfRow } from '../../wire/listing.js';
import type { NamedAccount } from '../../wire/live-adapter.js';
import { passingOver } from '../../wire/orders.js';
import type { EtradeCalls } from './calls.js';
import {
  type AccountRow,
  accountList,
  accountRow,
  balance,
  portfolio,
  position,
  product,
  shownPosition,
} from './schemas.js';
import { nameOf, symbolOf } from './symbols.js';

/** Modes of accounts that pay for everything in cash. */
const MODES_WITHOUT_MARGIN = ['CASH', 'IRA'];
/** Modes of accounts that hold no securities. */
const BANK_MODES = ['CHECKING', 'SAVINGS', 'CD'];

/** `key` is the account's `accountIdKey`. Closed accounts and those of a bank are left out, and what cannot be read. */
export async function readAccounts(calls: EtradeCalls, account: string): Promise<NamedAccount[]> {
  const answer = await calls.read(account, () => '/v1/accounts/list.json', accountList);
  const rows = answer?.AccountListResponse.Accounts.Account ?? [];
  const accounts = passingOver(rows, (row) => checked(accountRow, row, "E*TRADE's account"));
  return accounts.filter(isForTrading).map(({ accountIdKey, accountId, accountName, accountDesc }) => ({
    key: accountIdKey,
    label: (accountName || accountDesc || 'Account') + (accountId ? ` …${accountId.slice(-4)}` : ''),
  }));
}

function isForTrading({ accountStatus, accountMode, institutionType }: AccountRow): boolean {
  const isOfBank = BANK_MODES.includes(accountMode ?? '') || (institutionType ?? 'BROKERAGE') !== 'BROKERAGE';
  return accountStatus !== 'CLOSED' && !isOfBank;
}

/** An account of a mode that is not known has the cash's buying power, where it shows one. */
export async function readSnapshot(calls: EtradeCalls, account: string): Promise<AccountSnapshot> {
  const answer = await calls.readAccount(account, '/balance.json?instType=BROKERAGE&realTimeNAV=true', balance);
  if (answer === undefined) throw new UnexpectedAnswer('E*TRADE shows no balance');
  const { accountMode, dayTraderStatus, Computed } = answer.BalanceResponse;
  const { netCash, cashBalance, cashBuyingPower, marginBuyingPower, RealTimeValues } = Computed;
  const buyingPower =
    accountMode === 'MARGIN' ? (marginBuyingPower ?? cashBuyingPower) : (cashBuyingPower ?? marginBuyingPower);
  // with what is swept into a money market fund, which the cash balance leaves out
  const cash = netCash ?? cashBalance;
  if (!buyingPower || !cash) throw new UnexpectedAnswer("E*TRADE's balance shows no cash or no buying power");
  const { settledCashForInvestment: settledCash } = Computed;
  return {
    ...{ equity: RealTimeValues.totalAccountValue, cash, buyingPower },
    ...(settledCash != null && MODES_WITHOUT_MARGIN.includes(accountMode ?? '') && { settledCash }),
    ...(dayTraderStatus?.startsWith('PDT') && { isDayTrader: true as const }),
  };
}

const POSITIONS_PER_PAGE = 50;

export async function readPositions(calls: EtradeCalls, account: string): Promise<Listing<Position>> {
  const rows: unknown[] = [];
  let isLast = false;
  for (let page = 1; !isLast; page++) {
    const path = `/portfolio.json?count=${POSITIONS_PER_PAGE}&view=QUICK&pageNumber=${page}`;
    const portfolios = (await calls.readAccount(account, path, portfolio))?.PortfolioResponse.AccountPortfolio ?? [];
    const onPage = portfolios.flatMap(({ Position }) => Position ?? []);
    rows.push(...onPage);
    const counts = portfolios.flatMap(({ totalPages, totalNoOfPages }) => totalPages ?? totalNoOfPages ?? []);
    // where they are not counted, a page that is not full is the last
    isLast = counts.length > 0 ? page >= Math.max(...counts) : onPage.length < POSITIONS_PER_PAGE;
  }
  return listing('position', rows, positionOf, shownOf);
}

/** Which sign a short position's quantity has is not confirmed: its type decides. */
function positionOf(row: unknown): Position | undefined {
  const { securityType } = shownPosition.parse(row).Product;
  if (securityType !== undefined && securityType !== 'EQ' && securityType !== 'OPTN') {
    throw new OtherKind(`a position of type ${securityType}`);
  }
  const { Product, osiKey, quantity, positionType, pricePaid } = checked(position, row, "E*TRADE's position");
  const traded = symbolOf(Product, osiKey);
  if (!traded) throw new OtherKind('a security that Arbion does not trade');
  const size = decimal(quantity).absolute();
  if (size.isZero()) return undefined;
  const signed = positionType === 'SHORT' ? size.negated() : size;
  const isPriced = pricePaid && decimal(pricePaid).isPositive();
  return { symbol: traded.symbol, quantity: signed.toString(), ...(isPriced && { averagePrice: pricePaid }) };
}

/** What has no name of ours has the broker's. An option is not named by its underlying: that is another position's name. */
function shownOf(row: unknown): ShownOfRow {
  const { osiKey, Product } = shownPosition.parse(row);
  const whole = product.safeParse(Product).data;
  const name = whole && nameOf(whole, osiKey);
  if (name !== undefined) return { symbol: name };
  const isOption = Product.securityType === 'OPTN';
  const symbol = isOption ? osiKey : Product.symbol;
  return {
    ...(symbol !== undefined && { symbol }),
    ...(isOption && Product.symbol !== undefined && { optionOn: Product.symbol }),
  };
}
