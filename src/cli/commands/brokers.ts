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
In state reauth_required you must log in at the broker again: run connect. Until then Arbion cannot manage the open trades
there; stops held by the broker stay in place.

Examples:
  $ arbion brokers
  $ arbion brokers connect schwab
  $ arbion brokers disconnect coinbase`;

const CONNECT_HELP = `
Prints the address of the broker's login page. Open it, log in and allow access. Then paste the address that the browser
was sent to, or for E*TRADE the code that its page shows. Asks for your Arbion password, or reads it from ARBION_PASSWORD.

Example:
  $ arbion brokers connect schwab`;

const DISCONNECT_HELP = `
Refused while trades are open at the broker. Asks for your Arbion password, or reads it from ARBION_PASSWORD.

Example:
  $ arbion brokers disconnect schwab`;

export function addBrokers(program: Command, context: CliContext): void {
  const command = program
    .command('brokers')
    .description('list the brokers and your logins there')
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
    .description('connect a broker: log in on its own page')
    .argument('<broker>', 'schwab, coinbase, etrade or alpaca')
    .option('--email <address>', 'your e-mail address at Arbion (default: that of the last login)')
    .addHelpText('after', CONNECT_HELP)
    .action((broker: string, { email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const begun = await api.call('POST', `/brokers/${encodeURIComponent(broker)}/connect`, { cookie });
        const { authorizationUrl } = z.object({ authorizationUrl: z.string() }).parse(begun.json);
        context.note(`Open this address, log in and allow access:\n\n  ${authorizationUrl}\n`);
        const answer = (await context.ask('The address that the browser was sent to, or the code: ')).trim();
        const { json } = await finish(api, cookie, broker, answer);
        print(context, command, json, () => `${broker} is connected.`);
      }),
    );
}

/** An address goes to the API as the browser would have sent it; a code has a call of its own. */
function finish(api: ApiClient, cookie: string, broker: string, answer: string) {
  if (/^[A-Za-z0-9]{1,64}$/.test(answer)) {
    return api.call('POST', `/brokers/${encodeURIComponent(broker)}/verifier`, { cookie, body: { verifier: answer } });
  }
  if (!URL.canParse(answer)) throw new UsageProblem('This is neither an address nor a code.');
  return api.call('GET', `/oauth/${encodeURIComponent(broker)}/callback${new URL(answer).search}`, { cookie });
}

function addDisconnect(brokers: Command, context: CliContext): void {
  brokers
    .command('disconnect')
    .description('revoke the access to a broker and delete its credential')
    .argument('<broker>', 'schwab, coinbase, etrade or alpaca')
    .option('--email <address>', 'your e-mail address at Arbion (default: that of the last login)')
    .addHelpText('after', DISCONNECT_HELP)
    .action((broker: string, { email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        await api.call('DELETE', `/brokers/${encodeURIComponent(broker)}`, { cookie });
        context.note(`${broker} is disconnected.`);
      }),
    );
}
