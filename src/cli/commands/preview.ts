import { Argument, type Command } from 'commander';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';
import { addTradeOptions, orderBody, type Preview, previewOf, TRADE_HELP, type TradeOptions } from '../trade-order.js';

const HELP = `
Takes the options of \`arbion buy\`. What it shows holds now; a stop may fill at a worse price.
${TRADE_HELP}

Examples:
  $ arbion preview buy AAPL 5 --stop 2%
  $ arbion preview buy AAPL --risk 1% --stop 171 --limit 180.50`;

const LIMITS: Readonly<Record<string, string>> = {
  perTrade: 'per trade',
  daily: 'per day',
  concentration: 'in a symbol',
};

export function addPreview(program: Command, context: CliContext): void {
  const command = program
    .command('preview')
    .description('show what a trade would be; nothing is recorded or sent')
    .addArgument(new Argument('<side>').choices(['buy', 'sell']))
    .addHelpText('after', HELP);
  addTradeOptions(command).action(
    async (side: 'buy' | 'sell', symbol: string, quantity: string | undefined, options: TradeOptions) => {
      const body = orderBody(side === 'buy' ? 'buy' : 'sell_short', symbol, quantity, options);
      const { json, preview } = await previewOf(context.api(), body);
      print(context, command, json, () => previewText(preview));
    },
  );
}

function previewText(preview: Preview): string {
  const rows = [
    ['order', `${preview.side === 'buy' ? 'buy' : 'sell short'} ${preview.quantity} ${preview.symbol}`],
    ['price', preview.price ?? 'none is shown'],
    ['value', preview.notional ?? '-'],
    ['stop', preview.stopPrice === null ? '-' : `${preview.stopPrice}, a loss of ${preview.lossAtStop}`],
    ...(preview.takeProfitPrice === null ? [] : [['target', preview.takeProfitPrice]]),
    ['market', preview.opensAt === null ? preview.session : `closed until ${preview.opensAt}`],
    ...(preview.exitsBy === null ? [] : [['closed by', preview.exitsBy]]),
    ...preview.limits.map(({ name, limit, after }) => [LIMITS[name] ?? name, `${after} of ${limit}`]),
    ['power left', preview.buyingPowerAfter ?? '-'],
  ];
  const shown = rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value}`).join('\n');
  return [shown, ...remarks(preview)].join('\n\n');
}

function remarks({ refusal, oddities, warnings }: Preview): string[] {
  const rows = [
    ...(refusal ? [['refused', refusal.message]] : []),
    ...oddities.map(({ message }) => ['must be confirmed', message]),
    ...warnings.map(({ message }) => ['warning', message]),
  ];
  return rows.length === 0 ? [] : [table(['', ''], rows).trimStart()];
}
