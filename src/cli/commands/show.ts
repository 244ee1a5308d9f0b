import type { Command } from 'commander';
import { type CliContext, print } from '../context.js';
import { allItems, collect } from '../pages.js';
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
    const [trade, items] = await Promise.all([api.get(path), collect(allItems(api, `${path}/events`, eventShape))]);
    const json = { trade: trade.json, events: items };
    print(
      context,
      command,
      json,
      () => `${tradeText(tradeShape.parse(trade.json), context.paint)}\n\n${items.map(eventText).join('\n')}`,
    );
  });
}
