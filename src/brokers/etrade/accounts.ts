/** Accounts, balances and positions (E*TRADE's accounts API, v1). */
import { decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import type { EtradeClient } from './etrade-client.js';
import { accountList, balance, type ListedPosition, portfolio } from './schemas.js';
import { symbolOf } from './symbols.js';

export interface AccountOfLogin {
  /** E*TRADE's own name of the account in its paths (`accountIdKey`) */
  key: string;
  label: string;
}

/** The accounts that a login sees, closed ones left out. */
export async function readAccounts(client: EtradeClient, account: string): Promise<AccountOfLogin[]> {
  const answer = await client.read(account, () => '/v1/accounts/list.json', accountList);
  const accounts = answer?.AccountListResponse.Accounts.Account ?? [];
  return accounts
    .filter(({ accountStatus }) => accountStatus !== 'CLOSED')
    .map(({ accountIdKey, accountId, accountName, accountDesc }) => ({
      key: accountIdKey,
      label: `${accountName || accountDesc || 'Account'} …${accountId.slice(-4)}`,
    }));
}

export async function readSnapshot(client: EtradeClient, account: string): Promise<AccountSnapshot> {
  const answer = await client.readAccount(account, '/balance.json?instType=BROKERAGE&realTimeNAV=true', balance);
  if (answer === undefined) throw new UnexpectedAnswer('E*TRADE shows no balance');
  const { accountMode, Computed } = answer.BalanceResponse;
  return {
    equity: Computed.RealTimeValues.totalAccountValue,
    cash: Computed.cashBalance,
    buyingPower: accountMode === 'MARGIN' ? Computed.marginBuyingPower : Computed.cashBuyingPower,
  };
}

const POSITIONS_PER_PAGE = 50;

export async function readPositions(client: EtradeClient, account: string): Promise<Position[]> {
  const positions: Position[] = [];
  let pages = 1;
  for (let page = 1; page <= pages; page++) {
    const path = `/portfolio.json?count=${POSITIONS_PER_PAGE}&view=QUICK&pageNumber=${page}`;
    const portfolios = (await client.readAccount(account, path, portfolio))?.PortfolioResponse.AccountPortfolio ?? [];
    positions.push(...portfolios.flatMap(({ Position: listed = [] }) => listed.flatMap(positionOf)));
    pages = Math.max(0, ...portfolios.map(({ totalPages }) => totalPages));
  }
  return positions;
}

/** Which sign a short position's quantity has is not confirmed: its type tells. */
function positionOf({ Product, quantity, positionType, pricePaid }: ListedPosition): Position[] {
  const traded = symbolOf(Product);
  if (!traded) return [];
  const size = decimal(quantity).absolute();
  const signed = positionType === 'SHORT' ? size.negated() : size;
  return [{ symbol: traded.symbol, quantity: signed.toString(), averagePrice: pricePaid }];
}
