import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import { type ServiceProcess, startProcess } from './service-process.js';

export interface TemporalOptions {
  /** The program, from `resolveTemporalCli`. */
  cli: string;
  port: number;
  /** Of its HTTP API, which answers nobody, and of its metrics; without them the server draws them. */
  httpPort?: number;
  metricsPort?: number;
  /** Where the web console listens; without it there is none. */
  ui?: { address: string; port: number };
  namespaces?: readonly string[];
  /** Where workflows are stored; without it they are lost when the server stops. */
  databaseFile?: string;
  logFile: string;
}

/** A development server of our own, on loopback ports. It outlives the process that started it until `process.stop`. */
export interface EmbeddedTemporal {
  address: string;
  process: ServiceProcess;
}

/** Starts the server with the search attributes that trades need and waits until it answers, at most 60 s. */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const server = await startProcess({ file: options.cli, args: serverArguments(options), logFile: options.logFile });
  const address = `127.0.0.1:${options.port}`;
  const until = Date.now() + 60_000;
  while (!(await answers(address))) {
    if (!server.isRunning() || Date.now() > until) {
      await server.stop({ graceMs: 1_000 });
      throw new Error(`Temporal did not start: ${lastLines(options.logFile)}`);
    }
    await sleep(100);
  }
  return { address, process: server };
}

/** Whether a Temporal server answers at the address. */
export async function answers(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/**
 * Of a task that was dropped several times the server waits ever longer for the worker that has it, up to ten minutes more
 * (temporalio/temporal, workflow_task_state_machine.go). After a stall of the machine nobody looked at some trades for so long.
 * Long enough for the longest replay on a busy machine.
 */
const TASKS_TAKEN_OVER_SOON = 'history.workflowTaskRetryMaxInterval="20s"';

/**
 * Nobody needs the HTTP API, and a web page could start workflows there: browsers send a form or text/plain to any
 * server. No host has a slash in its name, so no request is for an allowed one. Nexus has routes of its own beside it.
 */
const HTTP_API_OFF = ['frontend.httpAllowedHosts=["/"]', 'system.enableNexus=false'];

/** The command line of the server, by which one that an earlier start left running is recognised. */
export function serverArguments(options: TemporalOptions): string[] {
  const { port, httpPort, metricsPort, ui, namespaces = [], databaseFile } = options;
  return [
    'server',
    'start-dev',
    // The server in this program lacks some security fixes: it must never listen where others can reach it.
    '--ip=127.0.0.1',
    `--port=${port}`,
    ...(httpPort === undefined ? [] : [`--http-port=${httpPort}`]),
    ...(metricsPort === undefined ? [] : [`--metrics-port=${metricsPort}`]),
    ...(ui === undefined
      ? ['--headless']
      : [`--ui-ip=${ui.address}`, `--ui-port=${ui.port}`, '--ui-public-path=/temporal']),
    ...HTTP_API_OFF.map((setting) => `--dynamic-config-value=${setting}`),
    `--dynamic-config-value=${TASKS_TAKEN_OVER_SOON}`,
    ...namespaces.map((name) => `--namespace=${name}`),
    ...SEARCH_ATTRIBUTES.map(({ name, type }) => `--search-attribute=${name}=${attributeType(type)}`),
    ...(databaseFile === undefined ? [] : databaseArguments(databaseFile)),
    '--log-level=warn',
  ];
}

/** Twice as fast as the defaults. A power failure may lose the last moments, which is acceptable for paper trading. */
function databaseArguments(file: string): string[] {
  return [`--db-filename=${file}`, '--sqlite-pragma=journal_mode=WAL', '--sqlite-pragma=synchronous=NORMAL'];
}

/** `KEYWORD` is `Keyword` on the command line. */
function attributeType(type: string): string {
  return type.charAt(0) + type.slice(1).toLowerCase();
}

function lastLines(logFile: string): string {
  return existsSync(logFile)
    ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    : 'it wrote no log.';
}
