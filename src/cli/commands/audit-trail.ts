import { type Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../platform/config.js';
import { settingsFromHome } from '../../platform/home.js';
import { type AuditHead, type AuditVerdict, headText, parseHead, verifyAuditChain } from '../../storage/audit-chain.js';
import { createDatabase } from '../../storage/database.js';
import { type CliContext, print } from '../context.js';

const HELP = `
Follows the chain of hashes through the record of sign-ins, denials, changes of credentials and limits, and what operators
did. Reads only, straight from DATABASE_URL. The exit code is not 0 when a row was changed, moved, slipped in or taken out;
the first one is named.

It prints the head of the record: keep it elsewhere, and demand it the next time. Without it nobody can tell that the
end was cut off, or that everything was written anew. The API's log has one every hour.

Examples:
  $ arbion audit-trail
  $ arbion audit-trail --expect 1841:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;

export function addAuditTrail(program: Command, context: CliContext): void {
  const command = program
    .command('audit-trail')
    .description('prove that the record of who did what is as it was written')
    .option('--expect <head>', 'a head that the record had', head)
    .addHelpText('after', HELP);
  command.action(async ({ expect: kept }: { expect?: AuditHead }) => {
    const { rows, head: last, broken } = await verdictOf(context.env, kept);
    const answer = { rows, head: last ? headText(last) : null, broken: broken ?? null };
    print(context, command, answer, () =>
      verdictText({ rows, ...(last && { head: last }), ...(broken && { broken }) }),
    );
    if (broken) throw new Error(`The record was tampered with: ${broken.message}.`);
  });
}

function head(text: string): AuditHead {
  try {
    return parseHead(text);
  } catch {
    throw new InvalidArgumentError('A head is POSITION:HASH, as this command prints it.');
  }
}

async function verdictOf(env: NodeJS.ProcessEnv, kept: AuditHead | undefined): Promise<AuditVerdict> {
  const { databaseUrl } = loadConfig(settingsFromHome(env), ['databaseUrl']);
  const database = createDatabase(databaseUrl);
  try {
    return await verifyAuditChain(database.prisma, kept);
  } finally {
    await database.close();
  }
}

function verdictText({ rows, head: last, broken }: AuditVerdict): string {
  const until = last ? `, up to ${headText(last)}` : '';
  return broken
    ? `${rows} rows are as they were written${until}.`
    : `All ${rows} rows are as they were written${until}.`;
}
