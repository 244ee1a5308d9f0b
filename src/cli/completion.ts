/** Completion scripts for shells, made from the tree of commands. */
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command, and what may follow it. */
interface Place {
  /** the words that lead to it, each after a blank: ` brokers connect`; empty for `arbion` itself */
  path: string;
  words: string[];
}

export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](placesOf(program, ''));
}

function placesOf(command: Command, path: string): Place[] {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const options = command.options.map(({ long, short }) => long ?? short ?? '');
  const words = new Set([...command.commands.map((each) => each.name()), ...choices, ...options, '--json', '--help']);
  return [{ path, words: [...words] }, ...command.commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`))];
}

const quoted = (text: string) => `'${text}'`;
/** The paths of all commands but the first, `arbion` itself. */
const known = (places: readonly Place[], separator: string) =>
  places
    .slice(1)
    .map(({ path }) => quoted(path))
    .join(separator);
/** The same in bash and zsh: `place` becomes the command that the words before the cursor lead to. */
const walk = (places: readonly Place[]) =>
  `    case "$place $each" in ${known(places, '|')}) place="$place $each" ;; esac`;
const cases = (places: readonly Place[]) =>
  places.map(({ path, words }) => `    ${quoted(path)}) found=${quoted(words.join(' '))} ;;`).join('\n');

const SCRIPTS: Readonly<Record<Shell, (places: readonly Place[]) => string>> = {
  bash: (places) => `_arbion() {
  local place='' found='' each
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(places)}
  done
  case "$place" in
${cases(places)}
  esac
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _arbion arbion`,
  zsh: (places) => `#compdef arbion
_arbion() {
  local place='' found='' each
  for each in "\${(@)words[2,CURRENT-1]}"; do
${walk(places)}
  done
  case "$place" in
${cases(places)}
  esac
  compadd -- \${=found} || _files
}
compdef _arbion arbion`,
  fish: (places) => `function __arbion_words
  set -l place ''
  for each in (commandline -opc)[2..-1]
    switch "$place $each"
      case ${known(places, ' ')}
        set place "$place $each"
    end
  end
  switch "$place"
${places.map(({ path, words }) => `    case ${quoted(path)}\n      printf '%s\\n' ${words.join(' ')}`).join('\n')}
  end
end
complete -c arbion -a '(__arbion_words)'`,
};
