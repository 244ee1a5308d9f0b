import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { findAccess } from './credentials.js';

/** What every command works with. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  /** the API as the caller may use it; says how to log in when there is no token */
  api(): ApiClient;
  /** one line, or several, for people */
  say(text: string): void;
  /** the same beside the answer, so that `--json` prints nothing else */
  note(text: string): void;
  /** one line from the person */
  ask(question: string): Promise<string>;
  /** `--json`: the answer as it is, and nothing else */
  wantsJson(command: Command): boolean;
}

/** Something the caller must do first; the message says what. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

/** Where the command line writes to, and whom it asks. */
export interface CliStreams {
  out: (text: string) => void;
  error: (text: string) => void;
  ask: (question: string) => Promise<string>;
}

export function createContext(env: NodeJS.ProcessEnv, { out, error, ask }: CliStreams): CliContext {
  return {
    env,
    api: () => {
      const { url, token } = findAccess(env);
      if (token !== undefined) return new ApiClient(url, token);
      throw new UsageProblem('You are not logged in: run `arbion login`, or start Arbion here with `npm start`.');
    },
    say: (text) => out(`${text}\n`),
    note: (text) => error(`${text}\n`),
    ask,
    wantsJson: (command) => command.optsWithGlobals().json === true,
  };
}

/** Prints an answer: as JSON when that is wanted, else as `text` has it. */
export function print(context: CliContext, command: Command, json: unknown, text: () => string): void {
  context.say(context.wantsJson(command) ? JSON.stringify(json, null, 2) : text());
}
