import { type Command, Option } from 'commander';
import { homePaths } from '../../platform/home.js';
import type { ReplayResult } from '../../replay/replay.js';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';

const HELP = `
FILE is a recorded day in the layout class/SYMBOL/DAY.csv, for example market-data/equity/SPY/2013-10-08.csv; a
corporate-actions.csv beside the class folders is honoured. Everything runs for real, on servers of its own: the trade
workflow, Temporal, Postgres and the paper broker.

PLAN is JSON, in market time:
  [{ "at": "2013-10-08T14:00:00Z",
     "trade": { "broker": "paper", "symbol": "SPY", "assetClass": "equity", "side": "buy", "quantity": "10",
                "orderType": "market", "timeInForce": "day", "stopLoss": { "percent": "0.5" } },
     "then": [{ "at": "2013-10-08T18:00:00Z", "action": "close" }] }]
Actions: cancel, close, adjust (with "body": { "stopPrice": …, "takeProfitPrice": … }).

The exit code is not 0 when ledger, database, workflows and recorded quotes disagree on anything.

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
    const result = await run(context, files, plan, cash);
    const { trades, ledger, pnl } = result;
    print(context, command, { trades, ledger, pnl }, () => resultText(result));
    if (result.disagreements.length > 0) throw new Error(['They disagree:', ...result.disagreements].join('\n  '));
  });
}

/** The parts that need servers are loaded only here: the other commands stay quick. */
async function run({ env }: CliContext, files: string[], planFile: string, openingCash: string): Promise<ReplayResult> {
  const [{ readPlan }, { linkedMarketFolder }, { startReplayStack }, { quietTemporal }, { runReplay }] =
    await Promise.all([
      import('../../replay/plan.js'),
      import('../../replay/market-folder.js'),
      import('../../replay/replay-stack.js'),
      import('../../replay/quiet-temporal.js'),
      import('../../replay/replay.js'),
    ]);
  const plan = await readPlan(planFile);
  const folder = await linkedMarketFolder(files);
  try {
    quietTemporal();
    tell('starting Postgres and Temporal for this replay …\n');
    const servers = await startReplayStack(homePaths(env).root, (line) => tell(`${line}\n`));
    try {
      return await runReplay({ directory: folder.directory, plan, servers, openingCash, progress });
    } finally {
      await servers.stop();
    }
  } finally {
    await folder.remove();
  }
}

function progress(done: number, all: number, marketTime: number): void {
  if (!process.stderr.isTTY && done % 100 !== 0 && done !== all) return;
  const line = `${new Date(marketTime).toISOString().slice(0, 16).replace('T', ' ')}  ${done} of ${all} rows`;
  tell(process.stderr.isTTY ? `\r${line}${done === all ? '\n' : ''}` : `${line}\n`);
}

/** Progress goes to the error stream, so that the answer can be piped. */
function tell(text: string): void {
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
