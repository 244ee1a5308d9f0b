import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print, UsageProblem } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { allItems, collect } from '../pages.js';
import { shortId, shortTime } from '../text.js';

const alertShape = z.object({
  id: z.string(),
  at: z.string(),
  severity: z.number(),
  code: z.string(),
  message: z.string(),
  tradeId: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
});

/** By severity. */
const WHEN = ['', 'now', 'today', 'for information'];

const ALERTS: Listing<z.infer<typeof alertShape>> = {
  item: alertShape,
  columns: {
    id: ({ id }) => id,
    at: ({ at }) => shortTime(at),
    act: ({ severity }) => WHEN[severity],
    trade: ({ tradeId }) => tradeId && shortId(tradeId),
    code: ({ code }) => code,
    acknowledged: ({ acknowledgedAt }) => acknowledgedAt && shortTime(acknowledgedAt),
    message: ({ message }) => message,
  },
  none: 'No alerts.',
};

const HELP = `
"act" says when to do something about it: now, today, or not at all. Times are UTC.

Examples:
  $ arbion alerts --new
  $ arbion alerts --limit 100 --json
  $ arbion alerts acknowledge 17 18`;

const ACKNOWLEDGE_HELP = `
Says that you have seen them. It changes nothing else: what is wrong stays wrong until it is mended.

Examples:
  $ arbion alerts acknowledge 17 18
  $ arbion alerts acknowledge --all`;

export function addAlerts(program: Command, context: CliContext): void {
  const command = program
    .command('alerts')
    .description('list what Arbion alerts you to, newest first')
    .option('--limit <count>', 'how many to list, at most', '20')
    .option('--new', 'only those that nobody has acknowledged')
    .addHelpText('after', HELP)
    .action(async ({ limit, new: isNew }: { limit: string; new?: true }) => {
      const query = new URLSearchParams({ limit, ...(isNew && { acknowledged: 'false' }) });
      const { json } = await context.api().get(`/alerts?${query}`);
      print(context, command, json, () => listingText(ALERTS, json));
    });
  addAcknowledge(command, context);
}

function addAcknowledge(alerts: Command, context: CliContext): void {
  const command = alerts
    .command('acknowledge')
    .description('say that you have seen alerts')
    .argument('[ids...]', 'their ids, as `arbion alerts` shows them')
    .option('--all', 'all that nobody has acknowledged')
    .addHelpText('after', ACKNOWLEDGE_HELP)
    .action(async (ids: string[], { all = false }: { all?: boolean }) => {
      if (all === ids.length > 0) throw new UsageProblem('Give the ids of alerts, or --all.');
      const api = context.api();
      const unseen = () => collect(allItems(api, '/alerts', alertShape, { acknowledged: 'false' }));
      const wanted = all ? (await unseen()).map(({ id }) => id) : ids;
      const items: unknown[] = [];
      for (const id of wanted)
        items.push((await api.call('POST', `/alerts/${encodeURIComponent(id)}/acknowledge`)).json);
      print(context, command, { items }, () => listingText(ALERTS, { items }));
    });
}
