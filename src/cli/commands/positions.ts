import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';

const positionsShape = z.object({
  items: z.array(
    z.object({
      broker: z.string(),
      symbol: z.string(),
      quantity: z.string(),
      averagePrice: z.string().nullable(),
      price: z.string().nullable(),
      marketValue: z.string().nullable(),
      unrealizedPnl: z.string().nullable(),
    }),
  ),
  passedOver: z.number(),
});

export function addPositions(program: Command, context: CliContext): void {
  const command = program
    .command('positions')
    .description('list what you hold at the brokers, at current prices')
    .addHelpText('after', '\nExample:\n  $ arbion positions --json');
  command.action(async () => {
    const { json } = await context.api().get('/positions');
    print(context, command, json, () => {
      const { items, passedOver } = positionsShape.parse(json);
      if (items.length === 0 && passedOver === 0) return 'No positions.';
      const rows = items.map((item) => [
        item.broker,
        item.symbol,
        item.quantity,
        item.averagePrice ?? '-',
        item.price ?? '-',
        item.marketValue ?? '-',
        item.unrealizedPnl ?? '-',
      ]);
      const shown = table(['broker', 'symbol', 'quantity', 'cost', 'price', 'value', 'P&L'], rows);
      return passedOver === 0 ? shown : `${shown}\n\nNot shown: ${passedOver} that Arbion does not trade.`;
    });
  });
}
