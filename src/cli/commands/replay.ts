import { type Command, Option } from 'commander';
import type { ReplayResult } from '../../replay/replay.js';
import { type CliContext, print } from '../context.js';
import { fromSource } from '../from-source.js';
import { table } from '../text.js';

const HELP = `
FILE is a recorded day, in the layout class/SYMBOL/DAY.csv, for example market-data/equity/SPY/2013-10-08.csv. A
corporate-actions.csv beside the class folders is applied. The replay starts its own Postgres and Temporal and runs the
real trade workflow against the paper broker.

PLAN is a JSON file; times are market time:
  [{ "at": "2013-10-08T14:00:00Z",
     "trade": { "broker": "paper", "symbol": "SPY", "assetClass": "equity", "side": "buy", "quantity": "10",
                "orderType": "market", "timeInForce": "day", "stopLoss": { "percent": "0.5" } },
     "then": [{ "at": "2013-10-08T18:00:00Z", "action": "close" }] }]
Actions: cancel, close, adjust (with "body": { "stopPrice": …, "takeProfitPrice": … }).

At the end the paper ledger, the database, the workflows and the recorded quotes are compared; the exit code is 1 when
they disagree.

Examples:
  $ arbion replay market-data/equity/SPY/2013-10-08.csv --plan plan.json
  $ arbion replay market-data/equity/AAPL/*.csv --plan split.json --json`;

interface ReplayCommandOptions {
  plan: string;
  cash: string;
}

export function addReplay(program: Command, context: CliContext): void {
  const command = program
    .command('replay')
    .description('run a plan of trades against recorded prices')
    .argument('<file...>', 'recorded days')
    .addOption(new Option('--plan <file>', 'what to trade, and when').makeOptionMandatory())
    .option('--cash <dollars>', 'opening cash of the paper account', '100000')
    .addHelpText('after', HELP);
  command.action(async (files: string[], { plan, cash }: ReplayCommandOptions) => {
    const { replayPlan } = await fromSource(() => import('../local/replay.js'));
    const result = await replayPlan(context.env, { files, planFile: plan, openingCash: cash }, showProgress);
    const { trades, ledger, pnl } = result;
    print(context, command, { trades, ledger, pnl }, () => resultText(result));
    if (result.disagreements.length > 0)
      throw new Error(['The records disagree:', ...result.disagreements].join('\n  '));
  });
}

/** Beside the answer, so that the answer can be piped. */
function showProgress(text: string): void {
  process.stderr.write(text);
}

function resultText({ trades, pnl }: ReplayResult): string {
  const rows = trades.map((trade) => [
    trade.symbol,
    trade.side,
    `${trade.filledQuantity}/${trade.quantity}`,
    trade.averageFillPrice ?? '-',
    trade.stopPrice ?? '-',
    trade.exitPrice ?? '-',
    trade.exitReason ?? '-',
    trade.reason ? `${trade.status} (${trade.reason.code})` : trade.status,
    trade.realizedPnl,
  ]);
  const headings = ['symbol', 'side', 'filled', 'price', 'stop', 'exit', 'by', 'status', 'P&L'];
  return `\n${table(headings, rows)}\n\nP&L ${pnl}`;
}
