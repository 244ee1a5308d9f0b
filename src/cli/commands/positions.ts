import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, type Paint, print } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { gainText } from '../text.js';

const positionShape = z.object({
  broker: z.string(),
  symbol: z.string(),
  quantity: z.string(),
  averagePrice: z.string().nullable(),
  price: z.string().nullable(),
  marketValue: z.string().nullable(),
  unrealizedPnl: z.string().nullable(),
});

const positions = (paint: Paint): Listing<z.infer<typeof positionShape>> => ({
  item: positionShape,
  columns: {
    broker: ({ broker }) => broker,
    symbol: ({ symbol }) => symbol,
    quantity: ({ quantity }) => quantity,
    cost: ({ averagePrice }) => averagePrice,
    price: ({ price }) => price,
    value: ({ marketValue }) => marketValue,
    'P&L': ({ unrealizedPnl }) => unrealizedPnl && gainText(unrealizedPnl, paint),
  },
  none: 'No positions.',
});

export function addPositions(program: Command, context: CliContext): void {
  const command = program
    .command('positions')
    .description('list what you hold at the brokers, at current prices')
    .addHelpText('after', '\nExample:\n  $ arbion positions --json');
  command.action(async () => {
    const { json } = await context.api().get('/positions');
    print(context, command, json, () => {
      const { passedOver } = z.object({ passedOver: z.number() }).parse(json);
      const shown = listingText(positions(context.paint), json);
      return passedOver === 0 ? shown : `${shown}\n\nNot shown: ${passedOver} that Arbion does not trade.`;
    });
  });
}
