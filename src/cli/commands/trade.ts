import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { assetClassOf } from '../../domain/instrument.js';
import { type CliContext, print, UsageProblem } from '../context.js';
import { tradeShape, tradeText } from '../text.js';

interface TradeOptions {
  stop?: string;
  trail?: string;
  stopLimitOffset?: string;
  target?: string;
  limit?: string;
  exitAt?: string;
  timeInForce: string;
  broker: string;
  onCancel?: string;
  strategy?: string;
  note?: string;
  key?: string;
}

const SHARED_HELP = `
Stop and target are prices, or percentages of the average fill price with a % sign.
The answer is the verdict of the risk check; follow the trade with \`arbion watch ID\`.`;

const BUY_HELP = `${SHARED_HELP}

Examples:
  $ arbion buy BTC-USD 0.01 --stop 2% --target 4%
  $ arbion buy AAPL 5 --limit 180.50 --stop 171 --time-in-force gtc
  $ arbion buy SPY 10 --trail 3% --exit-at 2026-12-31T20:45:00Z`;

const SELL_HELP = `
Opens a short position: it sells what you do not hold and buys it back later, so its stop lies above the price.
To sell what a trade holds, use \`arbion close ID\`.
${SHARED_HELP}

Examples:
  $ arbion sell SPY 5 --stop 2% --target 5%
  $ arbion sell AAPL 5 --limit 195 --stop 200`;

export function addBuy(program: Command, context: CliContext): void {
  const command = program.command('buy').description('buy, guarded by a stop').addHelpText('after', BUY_HELP);
  addTradeOptions(command).action((symbol: string, quantity: string, options: TradeOptions) =>
    placeTrade(context, command, bodyOf('buy', symbol, quantity, options), options.key),
  );
}

export function addSell(program: Command, context: CliContext): void {
  const command = program
    .command('sell')
    .description('sell short, guarded by a stop (to sell what a trade holds: close)')
    .addHelpText('after', SELL_HELP);
  addTradeOptions(command).action((symbol: string, quantity: string, options: TradeOptions) =>
    placeTrade(context, command, bodyOf('sell_short', symbol, quantity, options), options.key),
  );
}

function addTradeOptions(command: Command): Command {
  return command
    .argument('<symbol>', 'AAPL, BTC-USD, or an option like SPY261218C00600000')
    .argument('<quantity>', 'shares, contracts or coins')
    .option('--stop <price|percent%>', 'where the protective stop goes')
    .option('--trail <percent%>', 'a stop that trails the price, instead of --stop')
    .option('--stop-limit-offset <dollars>', 'makes the stop a stop-limit')
    .option('--target <price|percent%>', 'where to take the profit')
    .option('--limit <price>', 'enter at this price or better; without it at market')
    .option('--time-in-force <day|gtc>', 'how long the entry may wait', 'day')
    .option('--exit-at <time>', 'close at this time, RFC 3339 with a zone')
    .option('--on-cancel <flatten|keep_stop>', 'what becomes of a filled part when the trade is cancelled')
    .option('--broker <name>', 'where to trade', 'paper')
    .option('--strategy <name>', 'the strategy it belongs to')
    .option('--note <text>', 'a note for people')
    .option('--key <key>', 'idempotency key: the same command with it trades once');
}

function bodyOf(side: 'buy' | 'sell_short', symbol: string, quantity: string, options: TradeOptions): object {
  const assetClass = assetClassOf(symbol);
  if (assetClass === undefined)
    throw new UsageProblem(`${symbol} is no symbol: use the form of AAPL, BTC-USD or SPY261218C00600000.`);
  return {
    broker: options.broker,
    symbol,
    assetClass,
    side,
    quantity,
    orderType: options.limit === undefined ? 'market' : 'limit',
    limitPrice: options.limit,
    timeInForce: options.timeInForce,
    stopLoss: stopOf(options),
    takeProfit: options.target === undefined ? undefined : priceOrPercent(options.target),
    exitAt: options.exitAt,
    onCancel: options.onCancel,
    strategy: options.strategy,
    note: options.note,
  };
}

function stopOf({ stop, trail, stopLimitOffset }: TradeOptions): object {
  if ((stop === undefined) === (trail === undefined)) throw new UsageProblem('Give --stop or --trail, and not both.');
  if (trail !== undefined) return { trailPercent: trail.replace(/%$/, '') };
  return { ...priceOrPercent(stop ?? ''), limitOffset: stopLimitOffset };
}

function priceOrPercent(text: string): object {
  return text.endsWith('%') ? { percent: text.slice(0, -1) } : { price: text };
}

async function placeTrade(
  context: CliContext,
  command: Command,
  body: object,
  key: string = randomUUID(),
): Promise<void> {
  const { status, json } = await context.api().call('POST', '/trades', { body, idempotencyKey: key });
  print(context, command, json, () => {
    const trade = tradeShape.parse(json);
    const verdict = status === 202 ? 'Recorded; the risk check has not answered yet.' : 'Accepted by the risk check.';
    return `${verdict}\n${tradeText(trade)}\n\nFollow it with: arbion watch ${trade.id}`;
  });
}
