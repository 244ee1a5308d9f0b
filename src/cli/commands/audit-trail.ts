import { type Command, InvalidArgumentError } from 'commander';
import { type AuditHead, type AuditVerdict, headText, parseHead } from '../../storage/audit-chain.js';
import { type CliContext, print } from '../context.js';
import { fromSource } from '../from-source.js';

const HELP = `
The audit trail records sign-ins, refused requests, changes of credentials and limits, and what operators did. Each row
holds a hash of the row before it. This command reads the trail directly from DATABASE_URL, checks every hash and changes
nothing. The exit code is 1 when a row was changed, moved, inserted or removed; the first such row is named.

It prints the head of the trail (its length and last hash). Keep the head in another place and pass it to the next check
with --expect: without it, nobody can detect that the end was cut off or that the whole trail was rewritten. The API logs
the head every hour.

Examples:
  $ arbion audit-trail
  $ arbion audit-trail --expect 1841:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;

export function addAuditTrail(program: Command, context: CliContext): void {
  const command = program
    .command('audit-trail')
    .description('check that the audit trail was not tampered with')
    .option('--expect <head>', 'a head that the trail must contain', head)
    .addHelpText('after', HELP);
  command.action(async ({ expect: kept }: { expect?: AuditHead }) => {
    const { verifyAuditTrail } = await fromSource(() => import('../local/audit-trail.js'));
    const { rows, head: last, broken } = await verifyAuditTrail(context.env, kept);
    const answer = { rows, head: last ? headText(last) : null, broken: broken ?? null };
    print(context, command, answer, () =>
      verdictText({ rows, ...(last && { head: last }), ...(broken && { broken }) }),
    );
    if (broken) throw new Error(`The audit trail was tampered with: ${broken.message}.`);
  });
}

function head(text: string): AuditHead {
  try {
    return parseHead(text);
  } catch {
    throw new InvalidArgumentError('A head is POSITION:HASH, as this command prints it.');
  }
}

function verdictText({ rows, head: last, broken }: AuditVerdict): string {
  const until = last ? `, up to ${headText(last)}` : '';
  return broken ? `The first ${rows} rows are intact${until}.` : `All ${rows} rows are intact${until}.`;
}
