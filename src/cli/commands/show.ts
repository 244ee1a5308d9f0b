import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { fullTradeId, TRADE_ID_HELP } from '../trade-id.js';
import { eventShape, eventText, tradeShape, tradeText } from '../trade-text.js';

const HELP = `
Example:
  $ arbion show a1e44137`;

export function addShow(program: Command, context: CliContext): void {
  const command = program
    .command('show')
    .description('show a trade and its journal')
    .argument('<id>', TRADE_ID_HELP)
    .addHelpText('after', HELP);
  command.action(async (id: string) => {
    const api = context.api();
    const path = `/trades/${await fullTradeId(api, id)}`;
    const [trade, events] = await Promise.all([api.get(path), api.get(`${path}/events?limit=200`)]);
    const { items } = z.object({ items: z.array(eventShape) }).parse(events.json);
    const json = { trade: trade.json, events: items };
    print(
      context,
      command,
      json,
      () => `${tradeText(tradeShape.parse(trade.json), context.paint)}\n\n${items.map(eventText).join('\n')}`,
    );
  });
}
