import type { Command } from 'commander';
import { type CliContext, print } from '../context.js';
import { shortId, tradeShape, tradeText } from '../text.js';
import { fullTradeId, TRADE_ID_HELP } from '../trade-id.js';

const CANCEL_HELP = `
Cancels the entry order if it is still working. A filled part is sold or kept behind its stop, as the trade's onCancel
says (flatten or keep_stop).

Example:
  $ arbion cancel a1e44137`;

const CLOSE_HELP = `
Cancels the stop, waits until the broker confirms that, then sells what is left (or buys it back, for a short position).

Example:
  $ arbion close a1e44137`;

export function addCancel(program: Command, context: CliContext): void {
  addCommand(program.command('cancel').description('cancel a trade').addHelpText('after', CANCEL_HELP), context);
}

export function addClose(program: Command, context: CliContext): void {
  addCommand(program.command('close').description('close a trade').addHelpText('after', CLOSE_HELP), context);
}

/** The API answers once the trade has accepted the command. Giving it again changes nothing. */
function addCommand(command: Command, context: CliContext): void {
  command.argument('<id>', TRADE_ID_HELP).action(async (id: string) => {
    const api = context.api();
    const { json } = await api.call('POST', `/trades/${await fullTradeId(api, id)}/${command.name()}`);
    print(context, command, json, () => {
      const trade = tradeShape.parse(json);
      const accepted = `The trade accepted the command: ${command.name()}.`;
      return `${accepted}\n${tradeText(trade)}\n\nFollow it with: arbion watch ${shortId(trade.id)}`;
    });
  });
}
