import { Argument, type Command, Option } from 'commander';
import { LOT_METHODS, type LotMethod } from '../../domain/lots.js';
import { type CliContext, UsageProblem } from '../context.js';
import { csvRow } from '../csv.js';
import { EXPORTS, type Export } from '../export-rows.js';
import { GAIN_COLUMNS, gainRows } from '../gain-rows.js';
import { collect } from '../pages.js';

const HELP = `
Writes CSV (RFC 4180), or JSON with --json. Times are UTC, money and quantities as exact as Arbion keeps them; realizedPnl
and unrealizedPnl are before fees, result is after. A text that a spreadsheet would run as a formula has an apostrophe in front.

Examples:
  $ arbion export trades --csv > trades.csv
  $ arbion export fills --csv --status closed --broker schwab > fills.csv
  $ arbion export journal --json | jq '.items | length'
  $ arbion export gains --csv --method fifo > form-8949.csv`;

const GAINS_HELP = `
"gains" has a row for each lot that was closed, in the columns of Form 8949 of the IRS: whole cents, days of New York, fees
in cost and proceeds, wash sales marked W. Your broker's own statement counts, not this: Arbion knows what it traded, not
what you bought elsewhere.`;

interface ExportOptions {
  status?: string;
  symbol?: string;
  broker?: string;
  strategy?: string;
  method: LotMethod;
}

export function addExport(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .description('write all your trades, fills, journals or gains to a file')
    .addArgument(new Argument('<what>').choices([...Object.keys(EXPORTS), 'gains']))
    .option('--csv', 'as CSV (the default)')
    .option('--status <list>', 'only trades in these statuses, separated by commas')
    .option('--symbol <symbol>', 'only trades in this symbol')
    .option('--broker <name>', 'only trades at this broker')
    .option('--strategy <name>', 'only trades of this strategy')
    .addOption(
      new Option('--method <method>', 'of gains: which lot a sale closes').choices(LOT_METHODS).default('fifo'),
    )
    .addHelpText('after', `${HELP}\n${GAINS_HELP}`);
  command.action(async (what: keyof typeof EXPORTS | 'gains', { method, ...filter }: ExportOptions) => {
    const { status, symbol, broker, strategy } = filter;
    if (what === 'gains' && (status ?? strategy) !== undefined)
      throw new UsageProblem('A lot may be closed by any trade: gains go with --symbol and --broker only.');
    const { columns, rows } = what === 'gains' ? gainsBy(method) : EXPORTS[what];
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

function gainsBy(method: LotMethod): Export {
  return { columns: GAIN_COLUMNS, rows: (api, filter) => gainRows(api, filter, method) };
}
