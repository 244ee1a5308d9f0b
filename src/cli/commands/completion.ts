import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.js';
import type { CliContext } from '../context.js';

const HELP = `
Prints a script by which the shell completes commands and options of \`arbion\` (for \`npx arbion\`, make it an alias). It
knows the commands of this version.

Examples:
  $ source <(arbion completion bash)                # in ~/.bashrc
  $ source <(arbion completion zsh)                 # in ~/.zshrc, after compinit
  $ arbion completion fish | source                 # in config.fish`;

export function addCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a script that completes commands in your shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => context.say(completionScript(shell, program)));
}
