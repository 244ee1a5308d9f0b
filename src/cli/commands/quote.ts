import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { shortTime } from '../text.js';

const quoteShape = z.object({
  symbol: z.string(),
  bid: z.string().nullable(),
  ask: z.string().nullable(),
  last: z.string().nullable(),
  asOf: z.string(),
});

const QUOTES: Listing<z.infer<typeof quoteShape>> = {
  item: quoteShape,
  columns: {
    symbol: ({ symbol }) => symbol,
    bid: ({ bid }) => bid,
    ask: ({ ask }) => ask,
    last: ({ last }) => last,
    'as of': ({ asOf }) => shortTime(asOf),
  },
  none: 'No quotes.',
};

const HELP = `
Prices of the paper broker; times are UTC. The exit code is 1 when a symbol has no quote.

Example:
  $ arbion quote AAPL BTC-USD`;

export function addQuote(program: Command, context: CliContext): void {
  const command = program
    .command('quote')
    .description('show what symbols cost now')
    .argument('<symbol...>', 'such as AAPL or BTC-USD')
    .addHelpText('after', HELP);
  command.action(async (texts: string[]) => {
    const symbols = texts.map((text) => text.toUpperCase());
    const { json } = await context.api().get(`/quotes?${new URLSearchParams({ symbols: symbols.join(',') })}`);
    const { quotes } = z.object({ quotes: z.array(quoteShape) }).parse(json);
    print(context, command, json, () => listingText(QUOTES, { items: quotes }));
    const missing = symbols.filter((symbol) => quotes.every((quote) => quote.symbol !== symbol));
    if (missing.length > 0) throw new Error(`There is no quote for ${missing.join(', ')}.`);
  });
}
