import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './command.js';

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
  /** As whom it runs, where that is not this process's own user. */
  identity?: { uid?: number; gid?: number };
  /** Everything it prints is added to this file. */
  logFile: string;
  /** What asks it to end. */
  stopSignal?: NodeJS.Signals;
}

/**
 * Starts a server that outlives this process. It has a process group of its own, so that Ctrl-C reaches the launcher
 * only, which then stops everything in order. Throws when the program can't be run at all.
 */
export async function startProcess(options: StartOptions): Promise<ServiceProcess> {
  const { file, args, env, cwd, identity, logFile, stopSignal = 'SIGTERM' } = options;
  const log = openSync(logFile, 'a', 0o600);
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

/** In containers nobody may collect a dead process whose parent is gone: it still has its id, and does nothing. */
function isZombie(pid: number): boolean {
  const record = `/proc/${pid}/stat`;
  return existsSync(record) && /\) Z /.test(readFileSync(record, 'utf8'));
}
