import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Decimal } from '../../domain/decimal.js';
import type { UserId } from '../../domain/ids.js';
import { openTradesCount, realizedTotals } from '../../storage/trade-queries.js';
import { usableAccounts } from '../brokers/accounts.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { decimalText } from '../http/fields.js';
import { answer, readProblems, secured } from '../http/openapi.js';
import { accountValues, positionsOf } from './portfolio.js';

const tags = ['Portfolio'];

const position = z
  .strictObject({
    broker: z.string(),
    account: z.string(),
    symbol: z.string(),
    quantity: decimalText,
    averagePrice: decimalText.nullable().openapi({ description: 'null if the broker does not report it' }),
    price: decimalText.nullable(),
    marketValue: decimalText.nullable(),
    unrealizedPnl: decimalText.nullable(),
  })
  .openapi('Position');

const positionsAnswer = z.strictObject({
  items: z.array(position),
  passedOver: z.int().min(0).openapi({
    description: 'How many positions the brokers show that Arbion does not trade, such as a bond, or cannot read',
  }),
});

const portfolio = z
  .strictObject({
    accounts: z.array(
      z.strictObject({
        broker: z.string(),
        account: z.string(),
        equity: decimalText,
        cash: decimalText,
        buyingPower: decimalText,
        settledCash: decimalText.nullable().openapi({
          description: 'null for an account with margin, and where the broker does not show it',
        }),
      }),
    ),
    openTrades: z.int().min(0),
    realizedPnl: decimalText.openapi({ description: 'Fees not deducted' }),
    unrealizedPnl: decimalText.nullable().openapi({ description: 'null if a position has no quote or no known cost' }),
    fees: decimalText,
    result: decimalText.openapi({ description: 'Realised, with all fees deducted' }),
  })
  .openapi('Portfolio');

export function portfolioRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addPositions(routes, dependencies);
  addPortfolio(routes, dependencies);
  return routes;
}

function addPositions(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/positions',
      tags,
      summary: 'List positions as the brokers report them, valued at current quotes',
      ...secured('read'),
      responses: { 200: answer('The positions', positionsAnswer), ...readProblems },
    }),
    async (context) => {
      return context.json(await positionsOf(await usableAccounts(dependencies, callerOf(context).userId)), 200);
    },
  );
}

function addPortfolio(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/portfolio',
      tags,
      summary: 'Get accounts, open trades, profit and loss',
      ...secured('read'),
      responses: { 200: answer('The portfolio', portfolio), ...readProblems },
    }),
    async (context) => context.json(await portfolioOf(dependencies, callerOf(context).userId), 200),
  );
}

async function portfolioOf(dependencies: ApiDependencies, userId: UserId) {
  const { prisma } = dependencies;
  const accounts = await usableAccounts(dependencies, userId);
  const [values, { items: positions }, totals, openTrades] = await Promise.all([
    accountValues(accounts),
    positionsOf(accounts),
    realizedTotals(prisma, userId),
    openTradesCount(prisma, userId),
  ]);
  const gains = positions.map(({ unrealizedPnl }) => unrealizedPnl);
  const known = gains.filter((gain) => gain !== null).map((gain) => Decimal.parse(gain));
  const unrealizedPnl = known.length === gains.length ? Decimal.sum(known).toString() : null;
  return { accounts: values, openTrades, ...totals, unrealizedPnl };
}
