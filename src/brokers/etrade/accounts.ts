/** Accounts, balances and positions (E*TRADE's accounts API, v1). */
import { decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import type { NamedAccount } from '../../wire/live-adapter.js';
import type { EtradeCalls } from './calls.js';
import { accountList, balance, type ListedPosition, portfolio } from './schemas.js';
import { symbolOf } from './symbols.js';

/** `key` is the account's `accountIdKey`. Closed accounts are left out. */
export async function readAccounts(calls: EtradeCalls, account: string): Promise<NamedAccount[]> {
  const answer = await calls.read(account, () => '/v1/accounts/list.json', accountList);
  const accounts = answer?.AccountListResponse.Accounts.Account ?? [];
  return accounts
    .filter(({ accountStatus }) => accountStatus !== 'CLOSED')
    .map(({ accountIdKey, accountId, accountName, accountDesc }) => ({
      key: accountIdKey,
      label: `${accountName || accountDesc || 'Account'} …${accountId.slice(-4)}`,
    }));
}

export async function readSnapshot(calls: EtradeCalls, account: string): Promise<AccountSnapshot> {
  const answer = await calls.readAccount(account, '/balance.json?instType=BROKERAGE&realTimeNAV=true', balance);
  if (answer === undefined) throw new UnexpectedAnswer('E*TRADE shows no balance');
  const { accountMode, Computed } = answer.BalanceResponse;
  return {
    equity: Computed.RealTimeValues.totalAccountValue,
    cash: Computed.cashBalance,
    buyingPower: accountMode === 'MARGIN' ? Computed.marginBuyingPower : Computed.cashBuyingPower,
  };
}

const POSITIONS_PER_PAGE = 50;

export async function readPositions(calls: EtradeCalls, account: string): Promise<Position[]> {
  const positions: Position[] = [];
  let pages = 1;
  for (let page = 1; page <= pages; page++) {
    const path = `/portfolio.json?count=${POSITIONS_PER_PAGE}&view=QUICK&pageNumber=${page}`;
    const portfolios = (await calls.readAccount(account, path, portfolio))?.PortfolioResponse.AccountPortfolio ?? [];
    positions.push(...portfolios.flatMap(({ Position: listed = [] }) => listed.flatMap(positionOf)));
    pages = Math.max(0, ...portfolios.map(({ totalPages }) => totalPages));
  }
  return positions;
}

/** Which sign a short position's quantity has is not confirmed: its type decides. */
function positionOf({ Product, quantity, positionType, pricePaid }: ListedPosition): Position[] {
  const traded = symbolOf(Product);
  if (!traded) return [];
  const size = decimal(quantity).absolute();
  const signed = positionType === 'SHORT' ? size.negated() : size;
  return [{ symbol: traded.symbol, quantity: signed.toString(), averagePrice: pricePaid }];
}
