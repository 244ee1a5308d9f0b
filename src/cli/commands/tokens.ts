import type { Command } from 'commander';
import { z } from 'zod';
import { asPerson, emailOf } from '../as-person.js';
import { byId } from '../by-id.js';
import { type CliContext, print } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { fieldLines, shortId, shortTime } from '../text.js';

const tokenShape = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
const tokensShape = z.object({ items: z.array(tokenShape) });

const TOKENS: Listing<z.infer<typeof tokenShape>> = {
  item: tokenShape,
  columns: {
    id: ({ id }) => shortId(id),
    name: ({ name }) => name,
    scopes: ({ scopes }) => scopes.join(','),
    'last used': ({ lastUsedAt }) => lastUsedAt && shortTime(lastUsedAt),
    expires: ({ expiresAt }) => expiresAt && shortTime(expiresAt),
  },
  none: 'No tokens.',
};

const HELP = `
A token lets a program act for you. Asks for your password, or reads it from ARBION_PASSWORD. Times are UTC.

Examples:
  $ arbion tokens
  $ arbion tokens create "My strategy" --scopes read,trade
  $ arbion tokens revoke 5d20c1f7`;

const CREATE_HELP = `
The token is shown only once. A program sends it as "Authorization: Bearer TOKEN"; for the command line set ARBION_TOKEN.

Example:
  $ arbion tokens create "Dashboard" --scopes read --expires-at 2027-06-30T00:00:00Z`;

interface Creation {
  scopes: string;
  expiresAt?: string;
}

export function addTokens(program: Command, context: CliContext): void {
  const command = program
    .command('tokens')
    .description('list the tokens of your programs')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', HELP)
    .action(({ email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const { json } = await api.call('GET', '/tokens', { cookie });
        print(context, command, json, () => listingText(TOKENS, json));
      }),
    );
  addCreate(command, context);
  addRevoke(command, context);
}

function addCreate(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('create')
    .description('create a token for a program')
    .argument('<name>', 'a name for it')
    .option('--scopes <list>', 'what it may do: read, trade, admin, separated by commas', 'read')
    .option('--expires-at <time>', 'until when it is valid (RFC 3339 with a time zone)')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', CREATE_HELP)
    .action((name: string, { scopes, expiresAt }: Creation) =>
      asPerson(context, emailOf(command), async ({ api, cookie }) => {
        const body = { name, scopes: scopes.split(','), expiresAt };
        const { json } = await api.call('POST', '/tokens', { cookie, body });
        print(context, command, json, () => {
          const { id, token } = tokenShape.extend({ token: z.string() }).parse(json);
          return fieldLines([
            ['id', id],
            ['token', token],
          ]);
        });
      }),
    );
}

function addRevoke(tokens: Command, context: CliContext): void {
  const command = tokens
    .command('revoke')
    .description('revoke a token')
    .argument('<id>', 'the id that `arbion tokens` shows')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', '\nExample:\n  $ arbion tokens revoke 5d20c1f7')
    .action((text: string) =>
      asPerson(context, emailOf(command), async ({ api, cookie }) => {
        const { items } = tokensShape.parse((await api.call('GET', '/tokens', { cookie })).json);
        const { id, name } = byId(items, text);
        await api.call('DELETE', `/tokens/${id}`, { cookie });
        context.note(`The token "${name}" is revoked.`);
      }),
    );
}
