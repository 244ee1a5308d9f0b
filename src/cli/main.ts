/** The `arbion` command. */
import { createInterface } from 'node:readline/promises';
import { UsageProblem } from './context.js';
import { runCli } from './program.js';

// A reader such as `head` may have enough before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), process.env, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  ask,
  isTerminal: process.stdin.isTTY,
  // Node knows NO_COLOR and what the terminal can show.
  hasColours: process.stdout.isTTY && process.stdout.hasColors(),
});

function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = new Promise<string>((resolve, reject) => {
    terminal.question(question).then(resolve, reject);
    // Without an answer Node would end in the middle of the command.
    terminal.once('close', () => reject(new UsageProblem('\nNo answer came: the input has ended.')));
  });
  return answer.finally(() => terminal.close());
}
