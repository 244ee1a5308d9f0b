import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import { type ServiceProcess, startProcess } from './service-process.js';

export interface TemporalOptions {
  /** The program, from `resolveTemporalCli`. */
  cli: string;
  port: number;
  /** The port of the web console; without one there is none. */
  uiPort?: number;
  /** The endpoint that decrypts payloads for operators in the console. */
  codecEndpoint?: string;
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

function serverArguments({ port, uiPort, codecEndpoint, namespaces = [], databaseFile }: TemporalOptions): string[] {
  return [
    'server',
    'start-dev',
    // The server in this program lacks some security fixes: it must never listen where others can reach it.
    '--ip=127.0.0.1',
    '--ui-ip=127.0.0.1',
    `--port=${port}`,
    ...(uiPort === undefined ? ['--headless'] : [`--ui-port=${uiPort}`]),
    ...(codecEndpoint === undefined ? [] : [`--ui-codec-endpoint=${codecEndpoint}`]),
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
