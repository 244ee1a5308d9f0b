import type { Command } from 'commander';
import { z } from 'zod';
import type { ApiClient } from '../api-client.js';
import { asPerson } from '../as-person.js';
import { type CliContext, print, UsageProblem } from '../context.js';
import { table } from '../text.js';

const brokerShape = z.object({
  broker: z.string(),
  state: z.string(),
  accounts: z.array(z.object({ id: z.string(), label: z.string() })),
  loginDueAt: z.string().optional(),
  code: z.string().optional(),
});

const HELP = `
A connection that says reauth_required waits for you: connect again. Open trades wait as well, behind their stops.

Examples:
  $ arbion brokers
  $ arbion brokers connect schwab
  $ arbion brokers disconnect coinbase`;

const CONNECT_HELP = `
Prints the broker's address. Open it, log in there and allow access; then paste the address that the browser was sent to
(at E*TRADE the code that its page shows). Your password here is asked for, or read from ARBION_PASSWORD.

Example:
  $ arbion brokers connect schwab`;

const DISCONNECT_HELP = `
Not while trades are open there. Your password here is asked for, or read from ARBION_PASSWORD.

Example:
  $ arbion brokers disconnect schwab`;

export function addBrokers(program: Command, context: CliContext): void {
  const command = program
    .command('brokers')
    .description('the brokers, and how you are connected to them')
    .addHelpText('after', HELP)
    .action(() => list(command, context));
  addConnect(command, context);
  addDisconnect(command, context);
}

async function list(command: Command, context: CliContext): Promise<void> {
  const { json } = await context.api().get('/brokers');
  print(context, command, json, () => {
    const { items } = z.object({ items: z.array(brokerShape) }).parse(json);
    const rows = items.map(({ broker, state, accounts, loginDueAt, code }) => [
      broker,
      code === undefined ? state : `${state} (${code})`,
      accounts.map(({ id, label }) => `${id} ${label}`).join(', ') || '-',
      loginDueAt ?? '-',
    ]);
    return table(['broker', 'state', 'accounts', 'log in before'], rows);
  });
}

function addConnect(brokers: Command, context: CliContext): void {
  const command = brokers
    .command('connect')
    .description("connect a broker by a login at the broker's own pages")
    .argument('<broker>', 'schwab, coinbase, etrade or alpaca')
    .option('--email <address>', 'your address here; else that of the last log-in')
    .addHelpText('after', CONNECT_HELP)
    .action((broker: string, { email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const begun = await api.call('POST', `/brokers/${encodeURIComponent(broker)}/connect`, { cookie });
        const { authorizationUrl } = z.object({ authorizationUrl: z.string() }).parse(begun.json);
        context.note(`Open this address and allow access:\n\n  ${authorizationUrl}\n`);
        const answer = (await context.ask('The address you were sent to, or the code: ')).trim();
        const { json } = await finish(api, cookie, broker, answer);
        print(context, command, json, () => `${broker} is connected.`);
      }),
    );
}

/** An address is brought to the API as the browser would have, a code by the call that is for it. */
function finish(api: ApiClient, cookie: string, broker: string, answer: string) {
  if (/^[A-Za-z0-9]{1,64}$/.test(answer)) {
    return api.call('POST', `/brokers/${encodeURIComponent(broker)}/verifier`, { cookie, body: { verifier: answer } });
  }
  if (!URL.canParse(answer)) throw new UsageProblem('That is neither an address nor a code.');
  return api.call('GET', `/oauth/${encodeURIComponent(broker)}/callback${new URL(answer).search}`, { cookie });
}

function addDisconnect(brokers: Command, context: CliContext): void {
  brokers
    .command('disconnect')
    .description('give up the permission at a broker and forget its credential')
    .argument('<broker>', 'schwab, coinbase, etrade or alpaca')
    .option('--email <address>', 'your address here; else that of the last log-in')
    .addHelpText('after', DISCONNECT_HELP)
    .action((broker: string, { email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        await api.call('DELETE', `/brokers/${encodeURIComponent(broker)}`, { cookie });
        context.note(`${broker} is disconnected.`);
      }),
    );
}
