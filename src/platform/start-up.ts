/** How a process refuses to start: before it opens a port, with every reason at once, and without a stack that buries it. */

/** Its message lists every problem with its remedy. */
class StartRefused extends Error {
  override readonly name = 'StartRefused';
  constructor(readonly problems: readonly string[]) {
    super(['Fix these problems first:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  }
}

/** @throws StartRefused when there is one */
export function assertNoProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new StartRefused(problems);
}

/** Says why and ends the process with code 1. `what` begins the sentence, as in "The API". */
export function cannotStart(what: string, error: unknown): never {
  process.stderr.write(`${what} cannot start. ${messageOf(error)}\n`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  // What it is about is in the parts, such as the addresses of one host that were tried.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
