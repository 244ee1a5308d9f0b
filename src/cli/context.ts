import { styleText } from 'node:util';
import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { findAccess } from './credentials.js';

/** What every command works with. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  /** the API with the caller's token. @throws UsageProblem that says how to log in when there is none */
  api(): ApiClient;
  /** one line, or several, for people */
  say(text: string): void;
  /** the same, but not part of the answer: it goes to the error stream, so that `--json` prints JSON only */
  note(text: string): void;
  /** a part of the answer that brings its own line end */
  write(text: string): void;
  /** one line that the person types */
  ask(question: string): Promise<string>;
  /** whether a person sits there, who can answer */
  isTerminal: boolean;
  /** Asks before something that cannot be undone. @throws Error unless the answer is yes, UsageProblem without a terminal */
  confirm(question: string): Promise<void>;
  /** colours for people, in addition to what the words say */
  paint: Paint;
  /** whether `--json` was given: print the API's answer as it is, and nothing else */
  wantsJson(command: Command): boolean;
}

export type Paint = (style: 'bold' | 'green' | 'red' | 'yellow', text: string) => string;

/** Something the caller must do first; the message says what. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

/** Where the command line writes to, and how it asks questions. */
export interface CliStreams {
  out: (text: string) => void;
  error: (text: string) => void;
  ask: (question: string) => Promise<string>;
  /** whether a person sits there, who can answer; default false */
  isTerminal?: boolean;
  /** whether `out` shows colours; default false */
  hasColours?: boolean;
}

export function createContext(env: NodeJS.ProcessEnv, streams: CliStreams): CliContext {
  const { out, error, ask, isTerminal = false, hasColours = false } = streams;
  return {
    env,
    api: () => {
      const { url, token } = findAccess(env);
      if (token !== undefined) return new ApiClient(url, token);
      throw new UsageProblem(
        'You are not logged in. Run `arbion login`, or start Arbion in this folder with `npm start`.',
      );
    },
    say: (text) => out(`${text}\n`),
    note: (text) => error(`${text}\n`),
    write: out,
    ask,
    isTerminal,
    confirm: async (question) => {
      if (!isTerminal) throw new UsageProblem(`${question} Nobody can be asked without a terminal: add --yes.`);
      if (!/^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim())) throw new Error('Nothing was done.');
    },
    paint: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    wantsJson: (command) => command.optsWithGlobals().json === true,
  };
}

/** Prints an answer as JSON if `--json` was given, else as text. */
export function print(context: CliContext, command: Command, json: unknown, text: () => string): void {
  context.say(context.wantsJson(command) ? JSON.stringify(json, null, 2) : text());
}
