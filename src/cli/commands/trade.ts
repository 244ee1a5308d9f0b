import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { assetClassOf, isNonStandardOption } from '../../domain/instrument.js';
import { type CliContext, print, UsageProblem } from '../context.js';
import { shortId } from '../text.js';
import { tradeShape, tradeText } from '../trade-text.js';

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
Give --stop and --target as a price, or with a % sign as a distance from the average fill price.
The command returns when the risk check is done; follow the trade with \`arbion watch ID\`.`;

const BUY_HELP = `${SHARED_HELP}

Examples:
  $ arbion buy BTC-USD 0.01 --stop 2% --target 4%
  $ arbion buy AAPL 5 --limit 180.50 --stop 171 --time-in-force gtc
  $ arbion buy SPY 10 --trail 3% --exit-at 2026-12-31T20:45:00Z`;

const SELL_HELP = `
Opens a short position: sells what you do not hold, to buy it back later. Its stop is above the price.
To sell what a trade holds, use \`arbion close ID\`.
${SHARED_HELP}

Examples:
  $ arbion sell SPY 5 --stop 2% --target 5%
  $ arbion sell AAPL 5 --limit 195 --stop 200`;

export function addBuy(program: Command, context: CliContext): void {
  const command = program.command('buy').description('buy, with a protective stop').addHelpText('after', BUY_HELP);
  addTradeOptions(command).action((symbol: string, quantity: string, options: TradeOptions) =>
    placeTrade(context, command, bodyOf('buy', symbol, quantity, options), options.key),
  );
}

export function addSell(program: Command, context: CliContext): void {
  const command = program
    .command('sell')
    .description('sell short, with a protective stop (to sell what a trade holds, use close)')
    .addHelpText('after', SELL_HELP);
  addTradeOptions(command).action((symbol: string, quantity: string, options: TradeOptions) =>
    placeTrade(context, command, bodyOf('sell_short', symbol, quantity, options), options.key),
  );
}

function addTradeOptions(command: Command): Command {
  return command
    .argument('<symbol>', 'AAPL, BTC-USD, or an option like SPY261218C00600000')
    .argument('<quantity>', 'shares, contracts or coins')
    .option('--stop <price|percent%>', 'where to put the protective stop')
    .option('--trail <percent%>', 'a trailing stop, instead of --stop')
    .option('--stop-limit-offset <dollars>', 'make the stop a stop-limit order, with its limit this far from the stop')
    .option('--target <price|percent%>', 'where to take the profit')
    .option('--limit <price>', 'enter at this price or better (default: at market)')
    .option('--time-in-force <day|gtc>', 'how long the entry may wait', 'day')
    .option('--exit-at <time>', 'close at this time (RFC 3339 with a time zone)')
    .option('--on-cancel <flatten|keep_stop>', 'what to do with a filled part when the trade is cancelled')
    .option('--broker <name>', 'the broker to trade at', 'paper')
    .option('--strategy <name>', 'the strategy that the trade belongs to')
    .option('--note <text>', 'a note to keep with the trade')
    .option('--key <key>', 'idempotency key: commands with the same key place one trade');
}

function bodyOf(side: 'buy' | 'sell_short', symbol: string, quantity: string, options: TradeOptions): object {
  // The API says why it refuses a contract that is not standard.
  const assetClass = assetClassOf(symbol) ?? (isNonStandardOption(symbol) ? 'option' : undefined);
  if (assetClass === undefined)
    throw new UsageProblem(`${symbol} is not a symbol. Use a form like AAPL, BTC-USD or SPY261218C00600000.`);
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
  if ((stop === undefined) === (trail === undefined)) throw new UsageProblem('Give either --stop or --trail.');
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
    const verdict = status === 202 ? 'Recorded; the risk check is not done yet.' : 'Accepted by the risk check.';
    return `${verdict}\n${tradeText(trade, context.paint)}\n\nFollow it with: arbion watch ${shortId(trade.id)}`;
  });
}
