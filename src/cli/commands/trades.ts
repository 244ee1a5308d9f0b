import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { tradeShape, tradeTable } from '../trade-text.js';

const HELP = `
Ids are shortened to 8 digits, which every command accepts; --json prints them in full.

Examples:
  $ arbion trades
  $ arbion trades --status open,closing --symbol AAPL
  $ arbion trades --json | jq -r '.items[].id'`;

interface ListOptions {
  status?: string;
  symbol?: string;
  limit: string;
}

export function addTrades(program: Command, context: CliContext): void {
  const command = program
    .command('trades')
    .description('list your trades, newest first')
    .option('--status <list>', 'only these statuses, separated by commas, such as open,closing')
    .option('--symbol <symbol>', 'only this symbol')
    .option('--limit <count>', 'how many to list, at most', '20')
    .addHelpText('after', HELP);
  command.action(async ({ status, symbol, limit }: ListOptions) => {
    const query = new URLSearchParams({ limit, ...(status && { status }), ...(symbol && { symbol }) });
    const { json } = await context.api().get(`/trades?${query}`);
    print(context, command, json, () =>
      tradeTable(z.object({ items: z.array(tradeShape) }).parse(json).items, context.paint),
    );
  });
}
