/** What the command line asks of a trade, for the commands that place or preview one. */
import type { Command } from 'commander';
import { z } from 'zod';
import { assetClassOf, isNonStandardOption } from '../domain/instrument.js';
import type { ApiClient } from './api-client.js';
import { UsageProblem } from './context.js';

export interface TradeOptions {
  dollars?: string;
  risk?: string;
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
}

export type Side = 'buy' | 'sell_short';

export const TRADE_HELP = `
Give --stop and --target as a price, or with a % sign as a distance from the average fill price.
In place of the quantity, --dollars says what the trade may cost, and --risk how much of the account's equity its stop may
lose: the most whole shares, contracts or parts of a coin within that.`;

export function addTradeOptions(command: Command): Command {
  return command
    .argument('<symbol>', 'AAPL, BTC-USD, or an option like SPY261218C00600000')
    .argument('[quantity]', 'shares, contracts or coins')
    .option('--dollars <amount>', 'in place of the quantity: what the trade may cost')
    .option('--risk <percent%>', 'in place of the quantity: the part of your equity that the stop may lose')
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
    .option('--note <text>', 'a note to keep with the trade');
}

/** The body of POST /trades. */
export function orderBody(side: Side, symbol: string, quantity: string | undefined, options: TradeOptions): object {
  // The API says why it refuses a contract that is not standard.
  const assetClass = assetClassOf(symbol) ?? (isNonStandardOption(symbol) ? 'option' : undefined);
  if (assetClass === undefined)
    throw new UsageProblem(`${symbol} is not a symbol. Use a form like AAPL, BTC-USD or SPY261218C00600000.`);
  const { broker, limit, timeInForce, target, exitAt, onCancel, strategy, note } = options;
  return {
    ...{ broker, symbol, assetClass, side, ...amountOf(quantity, options) },
    ...{ orderType: limit === undefined ? 'market' : 'limit', limitPrice: limit, timeInForce },
    stopLoss: stopOf(options),
    takeProfit: target === undefined ? undefined : priceOrPercent(target),
    ...{ exitAt, onCancel, strategy, note },
  };
}

function amountOf(quantity: string | undefined, { dollars, risk }: TradeOptions): object {
  if ([quantity, dollars, risk].filter((given) => given !== undefined).length !== 1)
    throw new UsageProblem('Give a quantity, --dollars or --risk, and only one of them.');
  if (dollars !== undefined) return { size: { dollars: dollars.replace(/^\$/, '') } };
  return risk === undefined ? { quantity } : { size: { riskPercent: risk.replace(/%$/, '') } };
}

function stopOf({ stop, trail, stopLimitOffset }: TradeOptions): object {
  if ((stop === undefined) === (trail === undefined)) throw new UsageProblem('Give either --stop or --trail.');
  if (trail !== undefined) return { trailPercent: trail.replace(/%$/, '') };
  return { ...priceOrPercent(stop ?? ''), limitOffset: stopLimitOffset };
}

function priceOrPercent(text: string): object {
  return text.endsWith('%') ? { percent: text.slice(0, -1) } : { price: text };
}

const statement = z.looseObject({ code: z.string(), message: z.string() });

const previewShape = z.object({
  symbol: z.string(),
  side: z.enum(['buy', 'sell_short']),
  quantity: z.string(),
  price: z.string().nullable(),
  notional: z.string().nullable(),
  stopPrice: z.string().nullable(),
  takeProfitPrice: z.string().nullable(),
  lossAtStop: z.string().nullable(),
  limits: z.array(z.object({ name: z.string(), limit: z.string(), before: z.string(), after: z.string() })),
  buyingPowerAfter: z.string().nullable(),
  oddities: z.array(statement),
  warnings: z.array(statement),
  refusal: statement.nullable(),
  session: z.string(),
  opensAt: z.string().nullable(),
  exitsBy: z.string().nullable(),
});
export type Preview = z.infer<typeof previewShape>;

export async function previewOf(api: ApiClient, body: object): Promise<{ json: unknown; preview: Preview }> {
  const { json } = await api.call('POST', '/trade-previews', { body });
  return { json, preview: previewShape.parse(json) };
}
