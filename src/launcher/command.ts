import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

interface CommandOptions {
  uid?: number;
  gid?: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

/** Runs a program to its end and returns its output. @throws with its error output when it fails */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { timeoutMs = 120_000, ...rest } = options;
  const { stdout } = await execute(file, args, { ...rest, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** Whether the program exists and exits with code 0. */
export async function succeeds(file: string, args: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return runCommand(file, args, options).then(
    () => true,
    () => false,
  );
}
