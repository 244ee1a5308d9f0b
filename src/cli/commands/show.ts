import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { eventShape, eventText, tradeShape, tradeText } from '../text.js';

const HELP = `
Example:
  $ arbion show 0b9f6f0e-0000-4000-8000-000000000000`;

export function addShow(program: Command, context: CliContext): void {
  const command = program
    .command('show')
    .description('show one trade and its journal')
    .argument('<id>', 'the id of the trade')
    .addHelpText('after', HELP);
  command.action(async (id: string) => {
    const api = context.api();
    const path = `/trades/${encodeURIComponent(id)}`;
    const [trade, events] = await Promise.all([api.get(path), api.get(`${path}/events?limit=200`)]);
    const { items } = z.object({ items: z.array(eventShape) }).parse(events.json);
    const json = { trade: trade.json, events: items };
    print(
      context,
      command,
      json,
      () => `${tradeText(tradeShape.parse(trade.json))}\n\n${items.map(eventText).join('\n')}`,
    );
  });
}
