import type { Command } from 'commander';
import { type CliContext, print } from '../context.js';
import { tradeShape, tradeText } from '../text.js';

const CANCEL_HELP = `
What is filled already is sold, or kept behind its stop, as the trade's onCancel says.

Example:
  $ arbion cancel 0b9f6f0e-0000-4000-8000-000000000000`;

const CLOSE_HELP = `
Cancels the stop, waits for the broker's word, and sells (or buys back) what is left.

Example:
  $ arbion close 0b9f6f0e-0000-4000-8000-000000000000`;

export function addCancel(program: Command, context: CliContext): void {
  addStandDown(program.command('cancel').description('cancel a trade').addHelpText('after', CANCEL_HELP), context);
}

export function addClose(program: Command, context: CliContext): void {
  addStandDown(program.command('close').description('close a trade').addHelpText('after', CLOSE_HELP), context);
}

/** Both answer as soon as the trade knows; a repeat changes nothing. */
function addStandDown(command: Command, context: CliContext): void {
  command.argument('<id>', 'the id of the trade').action(async (id: string) => {
    const path = `/trades/${encodeURIComponent(id)}/${command.name()}`;
    const { json } = await context.api().call('POST', path);
    print(context, command, json, () => {
      const trade = tradeShape.parse(json);
      return `The trade stands down.\n${tradeText(trade)}\n\nFollow it with: arbion watch ${trade.id}`;
    });
  });
}
