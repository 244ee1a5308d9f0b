/** Changes of a trade that goes on: its exits, or its working entry. */
import type { Command } from 'commander';
import { type CliContext, print, UsageProblem } from '../context.js';
import { fullTradeId, TRADE_ID_HELP } from '../trade-id.js';
import { tradeShape, tradeText } from '../trade-text.js';

const ADJUST_HELP = `
A stop at the broker is cancelled and placed anew; in between Arbion watches the price. What you leave out stays as it is.
An exit time when the market is closed is moved into the session before it.

Examples:
  $ arbion adjust a1e44137 --stop 176.50
  $ arbion adjust a1e44137 --target none
  $ arbion adjust a1e44137 --exit-at 2026-12-31T20:45:00Z`;

const REPLACE_HELP = `
The broker's order is cancelled and replaced by one for the rest; what is filled stays filled.

Example:
  $ arbion replace a1e44137 --price 180.25 --quantity 8`;

export function addAdjust(program: Command, context: CliContext): void {
  const command = program
    .command('adjust')
    .description('change the stop, the target or the exit time of a trade')
    .argument('<id>', TRADE_ID_HELP)
    .option('--stop <price>', 'where to put the protective stop')
    .option('--target <price|none>', 'where to take the profit')
    .option('--exit-at <time|none>', 'close at this time (RFC 3339 with a time zone)')
    .addHelpText('after', ADJUST_HELP);
  command.action(async (id: string, { stop, target, exitAt }: { stop?: string; target?: string; exitAt?: string }) => {
    const body = { stopPrice: stop, takeProfitPrice: orNull(target), exitAt: orNull(exitAt) };
    if (Object.values(body).every((value) => value === undefined))
      throw new UsageProblem('Give --stop, --target or --exit-at.');
    await change(context, command, id, body);
  });
}

export function addReplace(program: Command, context: CliContext): void {
  const command = program
    .command('replace')
    .description('change the price or the quantity of a working entry')
    .argument('<id>', TRADE_ID_HELP)
    .option('--price <price>', 'enter at this price or better')
    .option('--quantity <quantity>', 'the whole quantity of the entry, with what is filled')
    .addHelpText('after', REPLACE_HELP);
  command.action(async (id: string, { price, quantity }: { price?: string; quantity?: string }) => {
    if (price === undefined && quantity === undefined) throw new UsageProblem('Give --price, --quantity or both.');
    await change(context, command, id, { limitPrice: price, quantity });
  });
}

function orNull(text: string | undefined): string | null | undefined {
  return text === 'none' ? null : text;
}

/** The API answers once the trade has accepted or refused the change. */
async function change(context: CliContext, command: Command, id: string, body: object): Promise<void> {
  const api = context.api();
  const { json } = await api.call('PATCH', `/trades/${await fullTradeId(api, id)}`, { body });
  print(
    context,
    command,
    json,
    () => `The trade accepted the change.\n${tradeText(tradeShape.parse(json), context.paint)}`,
  );
}
