import type { Command } from 'commander';
import { z } from 'zod';
import { asPerson } from '../as-person.js';
import { type CliContext, print } from '../context.js';
import { table } from '../text.js';

const webhookShape = z.object({
  id: z.string(),
  url: z.string(),
  name: z.string(),
  kind: z.string(),
  strategy: z.string(),
});

const HELP = `
A signal that a strategy sends to a webhook starts or closes trades; see docs/webhooks.md.

Examples:
  $ arbion webhooks
  $ arbion webhooks create momentum
  $ arbion webhooks create "TradingView BTC" --secret-in-body --strategy breakout
  $ arbion webhooks delete 2f0c3f5e-5a0e-4a1c-9d0f-0b7f2a1d9c11`;

const CREATE_HELP = `
Prints the address and the secret; the secret is shown only once. Asks for your password, or reads it from ARBION_PASSWORD.`;

const DELETE_HELP = `
From then on its signals are refused. Asks for your password, or reads it from ARBION_PASSWORD.`;

interface Creation {
  strategy?: string;
  secretInBody?: boolean;
  email?: string;
}

export function addWebhooks(program: Command, context: CliContext): void {
  const command = program
    .command('webhooks')
    .description('list the addresses that your strategies send signals to')
    .addHelpText('after', HELP)
    .action(() => list(command, context));
  addCreate(command, context);
  addDelete(command, context);
}

async function list(command: Command, context: CliContext): Promise<void> {
  const { json } = await context.api().get('/webhooks');
  print(context, command, json, () => {
    const { items } = z.object({ items: z.array(webhookShape) }).parse(json);
    if (items.length === 0) return 'There are no webhooks.';
    const rows = items.map(({ id, name, kind, strategy }) => [id, name, kind, strategy]);
    return table(['id', 'name', 'kind', 'strategy'], rows);
  });
}

function addCreate(webhooks: Command, context: CliContext): void {
  const command = webhooks
    .command('create')
    .description('create a webhook for the signals of a strategy')
    .argument('<name>', 'a name for it')
    .option('--strategy <name>', 'the strategy that its trades belong to (default: the name)')
    .option('--secret-in-body', 'for senders that cannot sign, such as TradingView')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', CREATE_HELP)
    .action((name: string, { strategy, secretInBody, email }: Creation) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const kind = secretInBody ? 'secret_in_body' : 'signed';
        const body = { name, kind, ...(strategy !== undefined && { strategy }) };
        const { json } = await api.call('POST', '/webhooks', { cookie, body });
        print(context, command, json, () => {
          const { id, url, secret } = webhookShape.extend({ secret: z.string() }).parse(json);
          return [`id      ${id}`, `url     ${url}`, `secret  ${secret}`].join('\n');
        });
      }),
    );
}

function addDelete(webhooks: Command, context: CliContext): void {
  webhooks
    .command('delete')
    .description('delete a webhook')
    .argument('<id>', 'the id that `arbion webhooks` shows')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', DELETE_HELP)
    .action((id: string, { email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        await api.call('DELETE', `/webhooks/${encodeURIComponent(id)}`, { cookie });
        context.note('The webhook is deleted.');
      }),
    );
}
