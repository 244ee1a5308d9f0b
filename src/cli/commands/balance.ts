import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, type Paint, print } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { fieldLines, gainText } from '../text.js';

const accountShape = z.object({
  broker: z.string(),
  account: z.string(),
  equity: z.string(),
  cash: z.string(),
  buyingPower: z.string(),
  settledCash: z.string().nullable(),
});

const portfolioShape = z.object({
  accounts: z.array(accountShape),
  openTrades: z.number(),
  realizedPnl: z.string(),
  unrealizedPnl: z.string().nullable(),
  fees: z.string(),
  result: z.string(),
});
type Portfolio = z.infer<typeof portfolioShape>;

const ACCOUNTS: Listing<z.infer<typeof accountShape>> = {
  item: accountShape,
  columns: {
    broker: ({ broker }) => broker,
    account: ({ account }) => account,
    equity: ({ equity }) => equity,
    cash: ({ cash }) => cash,
    'settled cash': ({ settledCash }) => settledCash,
    'buying power': ({ buyingPower }) => buyingPower,
  },
  none: 'No accounts.',
};

const HELP = `
The open P&L is that of all positions at the brokers, also of those that Arbion did not open.

Example:
  $ arbion balance`;

export function addBalance(program: Command, context: CliContext): void {
  const command = program
    .command('balance')
    .description('show your accounts: equity, cash, buying power, and the P&L')
    .addHelpText('after', HELP);
  command.action(async () => {
    const { json } = await context.api().get('/portfolio');
    print(context, command, json, () => portfolioText(portfolioShape.parse(json), context.paint));
  });
}

function portfolioText({ accounts, openTrades, ...sums }: Portfolio, paint: Paint): string {
  const { realizedPnl, unrealizedPnl, fees, result } = sums;
  const lines = fieldLines([
    ['trades', `${openTrades} open`],
    ['P&L', `${gainText(realizedPnl, paint)} realised before fees, ${gainText(result, paint)} after`],
    ['fees', fees],
    [
      'open',
      unrealizedPnl === null ? 'unknown: a position has no quote or no known cost' : gainText(unrealizedPnl, paint),
    ],
  ]);
  return `${listingText(ACCOUNTS, { items: accounts })}\n\n${lines}`;
}
