import { Argument, type Command } from 'commander';
import type { CliContext } from '../context.js';
import { csvRow } from '../csv.js';
import { EXPORTS } from '../export-rows.js';
import { collect } from '../pages.js';

const HELP = `
Writes CSV (RFC 4180), or JSON with --json. Times are UTC, money and quantities as exact as Arbion keeps them; realizedPnl
and unrealizedPnl are before fees, result is after. A text that a spreadsheet would run as a formula has an apostrophe in front.

Examples:
  $ arbion export trades --csv > trades.csv
  $ arbion export fills --csv --status closed --broker schwab > fills.csv
  $ arbion export journal --json | jq '.items | length'`;

interface ExportOptions {
  status?: string;
  symbol?: string;
  broker?: string;
  strategy?: string;
}

export function addExport(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .description('write all your trades, fills or journals to a file')
    .addArgument(new Argument('<what>').choices(Object.keys(EXPORTS)))
    .option('--csv', 'as CSV (the default)')
    .option('--status <list>', 'only trades in these statuses, separated by commas')
    .option('--symbol <symbol>', 'only trades in this symbol')
    .option('--broker <name>', 'only trades at this broker')
    .option('--strategy <name>', 'only trades of this strategy')
    .addHelpText('after', HELP);
  command.action(async (what: keyof typeof EXPORTS, { status, symbol, broker, strategy }: ExportOptions) => {
    const { columns, rows } = EXPORTS[what];
    const given = Object.entries({ status, symbol, broker, strategy }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    const all = rows(context.api(), Object.fromEntries(given));
    if (context.wantsJson(command)) {
      const items = (await collect(all)).map((row) =>
        Object.fromEntries(columns.map((name) => [name, row[name] ?? null])),
      );
      return context.say(JSON.stringify({ items }, null, 2));
    }
    context.write(csvRow(columns));
    for await (const row of all) context.write(csvRow(columns.map((name) => row[name] ?? '')));
  });
}
