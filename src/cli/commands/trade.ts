import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { type ApiAnswer, type ApiClient, ApiProblem } from '../api-client.js';
import { type CliContext, print } from '../context.js';
import { shortId } from '../text.js';
import { addTradeOptions, orderBody, previewOf, type Side, TRADE_HELP, type TradeOptions } from '../trade-order.js';
import { tradeShape, tradeText } from '../trade-text.js';

const SHARED_HELP = `${TRADE_HELP}
What is odd, like a stop far from the price, is asked about first; --yes answers it.
The command returns when the risk check is done; follow the trade with \`arbion watch ID\`.`;

const BUY_HELP = `${SHARED_HELP}

Examples:
  $ arbion buy BTC-USD 0.01 --stop 2% --target 4%
  $ arbion buy BTC-USD --dollars 500 --stop 2%
  $ arbion buy AAPL 5 --limit 180.50 --stop 171 --time-in-force gtc
  $ arbion buy SPY 10 --trail 3% --exit-at 2026-12-31T20:45:00Z`;

const SELL_HELP = `
Opens a short position: sells what you do not hold, to buy it back later. Its stop is above the price.
To sell what a trade holds, use \`arbion close ID\`.
${SHARED_HELP}

Examples:
  $ arbion sell SPY 5 --stop 2% --target 5%
  $ arbion sell AAPL 5 --limit 195 --stop 200`;

interface PlaceOptions extends TradeOptions {
  yes?: boolean;
  key?: string;
}

export function addBuy(program: Command, context: CliContext): void {
  const command = program.command('buy').description('buy, with a protective stop').addHelpText('after', BUY_HELP);
  addPlace(command, context, 'buy');
}

export function addSell(program: Command, context: CliContext): void {
  const command = program
    .command('sell')
    .description('sell short, with a protective stop (to sell what a trade holds, use close)')
    .addHelpText('after', SELL_HELP);
  addPlace(command, context, 'sell_short');
}

function addPlace(command: Command, context: CliContext, side: Side): void {
  addTradeOptions(command)
    .option('--yes', 'do not ask about what is odd')
    .option('--key <key>', 'idempotency key: commands with the same key place one trade')
    .action(async (symbol: string, quantity: string | undefined, options: PlaceOptions) => {
      const api = context.api();
      const asked = orderBody(side, symbol, quantity, options);
      // A repeat must ask for the same, whatever the price is by then: under a key of the caller's own the API sizes, once.
      const body = 'size' in asked && options.key === undefined ? await sized(api, context, asked) : asked;
      const { status, json } = await placed(api, context, body, options);
      print(context, command, json, () => {
        const trade = tradeShape.parse(json);
        const verdict = status === 202 ? 'Recorded; the risk check is not done yet.' : 'Accepted by the risk check.';
        return `${verdict}\n${tradeText(trade, context.paint)}\n\nFollow it with: arbion watch ${shortId(trade.id)}`;
      });
    });
}

/** With the quantity that the size is now: exactly what is said is sent. */
async function sized(api: ApiClient, context: CliContext, asked: object): Promise<object> {
  const { preview } = await previewOf(api, asked);
  const { quantity, symbol, price, notional, stopPrice, lossAtStop } = preview;
  context.note(
    `That is ${quantity} ${symbol} at about ${price}: ${notional} dollars, ${lossAtStop} lost at a stop of ${stopPrice}.`,
  );
  return { ...asked, size: undefined, quantity };
}

const oddShape = z.array(z.looseObject({ code: z.string(), message: z.string() }));

/** What is odd is asked about, and then sent again as confirmed, under the same key. */
async function placed(
  api: ApiClient,
  context: CliContext,
  body: object,
  { yes = false, key = randomUUID(), stop }: PlaceOptions,
): Promise<ApiAnswer> {
  const send = (confirm?: string[]) => api.call('POST', '/trades', { body: { ...body, confirm }, idempotencyKey: key });
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.type !== 'urn:arbion:problem:confirmation-required')
      throw error;
    const odd = oddShape.parse(error.problem.oddities);
    for (const { message } of odd) context.note(message);
    if (odd.some(({ code }) => code === 'stop_far') && stop && !stop.endsWith('%'))
      context.note(`For a stop ${stop} % away write --stop ${stop}%.`);
    if (!yes) await context.confirm('Place it all the same?');
    return send(odd.map(({ code }) => code));
  }
}
