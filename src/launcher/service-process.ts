import { spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './command.js';
import { openToAppend } from './foreign-folders.js';

/** A server process that this program started, or found running. */
export interface ServiceProcess {
  pid: number;
  isRunning(): boolean;
  /** Asks it to end and, after `graceMs`, ends it. Resolves when it is gone. */
  stop(options: { graceMs: number }): Promise<void>;
}

interface StartOptions {
  file: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The user it runs as, when that is not this process's own. */
  identity?: { uid?: number; gid?: number };
  /** Its output is appended to this file. */
  logFile: string;
  /** Asks it to exit. */
  stopSignal?: NodeJS.Signals;
}

/**
 * Starts a server that outlives this process. It gets its own process group, so that Ctrl-C reaches only the launcher,
 * which then stops everything in order. @throws when the program cannot be run at all
 */
export async function startProcess(options: StartOptions): Promise<ServiceProcess> {
  const { file, args, env, cwd, identity, logFile, stopSignal = 'SIGTERM' } = options;
  const log = openToAppend(logFile);
  try {
    const child = spawn(file, args, { env, cwd, ...identity, detached: true, stdio: ['ignore', log, log] });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(child.pid ?? 0));
    });
    child.unref();
    const isRunning = () => child.exitCode === null && child.signalCode === null;
    return { pid, isRunning, stop: ({ graceMs }) => stopProcess({ pid, isRunning, graceMs, stopSignal }) };
  } finally {
    closeSync(log);
  }
}

/** A process that another program started, known by its id. */
export function existingProcess(pid: number, stopSignal: NodeJS.Signals = 'SIGTERM'): ServiceProcess {
  const isRunning = () => isAlive(pid);
  return { pid, isRunning, stop: ({ graceMs }) => stopProcess({ pid, isRunning, graceMs, stopSignal }) };
}

/** The whole command line of a running process; empty when there is none. */
export async function commandOf(pid: number): Promise<string> {
  // Without a width, ps cuts long command lines.
  return runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => '');
}

async function stopProcess({
  pid,
  isRunning,
  graceMs,
  stopSignal,
}: {
  pid: number;
  isRunning: () => boolean;
  graceMs: number;
  stopSignal: NodeJS.Signals;
}): Promise<void> {
  if (!isRunning()) return;
  signal(pid, stopSignal);
  if (await endsWithin(isRunning, graceMs)) return;
  signal(pid, 'SIGKILL');
  await endsWithin(isRunning, 5_000);
}

async function endsWithin(isRunning: () => boolean, limitMs: number): Promise<boolean> {
  const until = Date.now() + limitMs;
  while (isRunning()) {
    if (Date.now() > until) return false;
    await sleep(50);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** In containers, an exited process whose parent is gone may keep its id, because nobody collects it. */
function isZombie(pid: number): boolean {
  const record = `/proc/${pid}/stat`;
  return existsSync(record) && /\) Z /.test(readFileSync(record, 'utf8'));
}
