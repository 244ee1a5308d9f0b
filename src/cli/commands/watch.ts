import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import { allItems } from '../pages.js';
import { fullTradeId, TRADE_ID_HELP } from '../trade-id.js';
import { type Event, eventShape, eventText, isOver, tradeShape, tradeText } from '../trade-text.js';

const READ_EVERY_MS = 1_000;

const HELP = `
Ends when the trade ends. Ctrl-C stops watching; the trade itself goes on.
With --json each event is one line.

Example:
  $ arbion watch a1e44137`;

export function addWatch(program: Command, context: CliContext): void {
  const command = program
    .command('watch')
    .description('show what happens to a trade, as it happens')
    .argument('<id>', TRADE_ID_HELP)
    .addHelpText('after', HELP);
  command.action(async (id: string) => {
    const api = context.api();
    const path = `/trades/${await fullTradeId(api, id)}`;
    const show = (event: Event) => context.say(context.wantsJson(command) ? JSON.stringify(event) : eventText(event));
    let cursor: string | undefined;
    for (;;) {
      // Read before the journal, so that the journal read after a final status is complete.
      const trade = tradeShape.parse((await api.get(path)).json);
      for await (const event of allItems(api, `${path}/events`, eventShape, cursor ? { cursor } : {})) {
        show(event);
        cursor = event.id;
      }
      if (isOver(trade)) {
        if (!context.wantsJson(command)) context.say(`\n${tradeText(trade, context.paint)}`);
        return;
      }
      await sleep(READ_EVERY_MS);
    }
  });
}
