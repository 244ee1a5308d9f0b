import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';

const brokersShape = z.object({
  items: z.array(
    z.object({
      broker: z.string(),
      status: z.string(),
      account: z.string().nullable(),
      assetClasses: z.array(z.string()),
    }),
  ),
});

export function addBrokers(program: Command, context: CliContext): void {
  const command = program
    .command('brokers')
    .description('the brokers, and which are connected')
    .addHelpText('after', '\nExample:\n  $ arbion brokers');
  command.action(async () => {
    const { json } = await context.api().get('/brokers');
    print(context, command, json, () => {
      const { items } = brokersShape.parse(json);
      const rows = items.map((item) => [
        item.broker,
        item.status.replace('_', ' '),
        item.account ?? '-',
        item.assetClasses.join(', '),
      ]);
      return table(['broker', 'status', 'account', 'trades'], rows);
    });
  });
}
