import type { Command } from 'commander';
import { type ApiClient, ApiProblem } from '../api-client.js';
import { type CliContext, print, UsageProblem } from '../context.js';
import { allItems, collect, patiently } from '../pages.js';
import { shortId } from '../text.js';
import { fullTradeId, TRADE_ID_HELP } from '../trade-id.js';
import { type Trade, tradeShape, tradeTable, tradeText } from '../trade-text.js';

const CANCEL_HELP = `
Cancels the entry order if it is still working. A filled part is sold or kept behind its stop, as the trade's onCancel
says (flatten or keep_stop).

Example:
  $ arbion cancel a1e44137`;

const CLOSE_HELP = `
Cancels the stop, waits until the broker confirms that, then sells what is left (or buys it back, for a short position).
With --all for every open trade; new trades may still be started (to stop them, see \`arbion halt\`).

Examples:
  $ arbion close a1e44137
  $ arbion close --all`;

/** What can be closed; the rest has ended, or is closing. */
const OPEN = 'pending,submitted,partially_filled,open,needs_attention';

export function addCancel(program: Command, context: CliContext): void {
  const command = program.command('cancel').description('cancel a trade').addHelpText('after', CANCEL_HELP);
  command.argument('<id>', TRADE_ID_HELP).action((id: string) => giveCommand(context, command, id));
}

export function addClose(program: Command, context: CliContext): void {
  const command = program.command('close').description('close a trade, or all').addHelpText('after', CLOSE_HELP);
  command
    .argument('[id]', TRADE_ID_HELP)
    .option('--all', 'close all open trades')
    .option('--yes', 'do not ask before closing all')
    .action(async (id: string | undefined, { all = false, yes = false }: { all?: boolean; yes?: boolean }) => {
      if ((id === undefined) !== all) throw new UsageProblem('Give either the id of a trade or --all.');
      await (id === undefined ? closeAll(context, command, yes) : giveCommand(context, command, id));
    });
}

/** The API answers once the trade has accepted the command. Giving it again changes nothing. */
async function giveCommand(context: CliContext, command: Command, id: string): Promise<void> {
  const api = context.api();
  const { json } = await api.call('POST', `/trades/${await fullTradeId(api, id)}/${command.name()}`);
  print(context, command, json, () => {
    const trade = tradeShape.parse(json);
    const accepted = `The trade accepted the command: ${command.name()}.`;
    return `${accepted}\n${tradeText(trade, context.paint)}\n\nFollow it with: arbion watch ${shortId(trade.id)}`;
  });
}

/** One that refuses does not keep the others open. */
async function closeAll(context: CliContext, command: Command, yes: boolean): Promise<void> {
  const api = context.api();
  const open = await collect(allItems(api, '/trades', tradeShape, { status: OPEN }));
  if (open.length > 0 && !yes) {
    context.note(tradeTable(open, context.paint));
    await context.confirm(`Close ${open.length === 1 ? 'this trade' : `these ${open.length} trades`}?`);
  }
  const items: Trade[] = [];
  const refused: string[] = [];
  for (const { id } of open) {
    const answer = await closeOne(api, id);
    if (typeof answer === 'string') refused.push(answer);
    else if (answer) items.push(answer);
  }
  print(context, command, { items }, () => (open.length === 0 ? 'No open trades.' : tradeTable(items, context.paint)));
  if (refused.length > 0) throw new Error(refused.join('\n'));
}

/** The trade, or why it is not closed; nothing if it has ended meanwhile. */
async function closeOne(api: ApiClient, id: string): Promise<Trade | string | undefined> {
  try {
    return tradeShape.parse((await patiently(() => api.call('POST', `/trades/${id}/close`))).json);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.problem.code === 'TRADE_FINAL' ? undefined : `${shortId(id)}: ${error.problem.detail}`;
  }
}
