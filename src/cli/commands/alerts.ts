import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { shortId, shortTime } from '../text.js';

const alertShape = z.object({
  at: z.string(),
  severity: z.number(),
  code: z.string(),
  message: z.string(),
  tradeId: z.string().nullable(),
});

/** By severity. */
const WHEN = ['', 'now', 'today', 'for information'];

const ALERTS: Listing<z.infer<typeof alertShape>> = {
  item: alertShape,
  columns: {
    at: ({ at }) => shortTime(at),
    act: ({ severity }) => WHEN[severity],
    trade: ({ tradeId }) => tradeId && shortId(tradeId),
    code: ({ code }) => code,
    message: ({ message }) => message,
  },
  none: 'No alerts.',
};

const HELP = `
"act" says when to do something about it: now, today, or not at all. Times are UTC.

Examples:
  $ arbion alerts
  $ arbion alerts --limit 100 --json`;

export function addAlerts(program: Command, context: CliContext): void {
  const command = program
    .command('alerts')
    .description('list what Arbion alerts you to, newest first')
    .option('--limit <count>', 'how many to list, at most', '20')
    .addHelpText('after', HELP);
  command.action(async ({ limit }: { limit: string }) => {
    const { json } = await context.api().get(`/alerts?${new URLSearchParams({ limit })}`);
    print(context, command, json, () => listingText(ALERTS, json));
  });
}
