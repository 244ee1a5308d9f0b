import type { Command } from 'commander';
import { z } from 'zod';
import { asPerson, emailOf } from '../as-person.js';
import { byId } from '../by-id.js';
import { type CliContext, print, UsageProblem } from '../context.js';
import { type Listing, listingText } from '../listing.js';
import { shortId, shortTime } from '../text.js';

const sessionShape = z.object({
  id: z.string(),
  isThisOne: z.boolean(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  lastSeenAt: z.string(),
  endsAt: z.string(),
});

const SESSIONS: Listing<z.infer<typeof sessionShape>> = {
  item: sessionShape,
  columns: {
    id: ({ id }) => shortId(id),
    'last seen': ({ lastSeenAt }) => shortTime(lastSeenAt),
    ends: ({ endsAt }) => shortTime(endsAt),
    from: ({ address }) => address,
    with: ({ isThisOne, userAgent }) => (isThisOne ? 'this command' : userAgent),
  },
  none: 'No sessions.',
};

const HELP = `
Sessions are log-ins with the password, such as in a browser; programs have tokens. This command has a session of its own,
which ends with it. Asks for your password, or reads it from ARBION_PASSWORD. Times are UTC.

Examples:
  $ arbion sessions
  $ arbion sessions end 3fa81b2c
  $ arbion sessions end --all`;

export function addSessions(program: Command, context: CliContext): void {
  const command = program
    .command('sessions')
    .description('list where you are logged in')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', HELP)
    .action(({ email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const { json } = await api.call('GET', '/auth/sessions', { cookie });
        print(context, command, json, () => listingText(SESSIONS, json));
      }),
    );
  addEnd(command, context);
}

function addEnd(sessions: Command, context: CliContext): void {
  const command = sessions
    .command('end')
    .description('end a session, or all')
    .argument('[id]', 'the id that `arbion sessions` shows')
    .option('--all', 'end all sessions')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', '\nExample:\n  $ arbion sessions end --all')
    .action(async (id: string | undefined, { all = false }: { all?: boolean }) => {
      if ((id === undefined) !== all) throw new UsageProblem('Give either the id of a session or --all.');
      await asPerson(context, emailOf(command), async ({ api, cookie }) => {
        const { json } = await api.call('GET', '/auth/sessions', { cookie });
        const { items } = z.object({ items: z.array(sessionShape) }).parse(json);
        const path = id === undefined ? '/auth/sessions' : `/auth/sessions/${byId(items, id).id}`;
        await api.call('DELETE', path, { cookie });
        context.note(id === undefined ? 'All sessions have ended.' : 'The session has ended.');
      });
    });
}
