/**
 * `npm start`: everything on this machine, ready to trade on paper. Brings up the database, Temporal, the worker and the
 * API, keeps them running, and stops them in order at Ctrl-C.
 */

import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, loadConfig } from '../platform/config.js';
import { homePaths, makeHome } from '../platform/home.js';
import { onStopSignal } from '../platform/shutdown.js';
import { bringUp, type Installation } from './installation.js';
import { PidFiles } from './pid-files.js';
import { narrateSampleTrade } from './sample-trade.js';
import { portProblems, StartProblems } from './start-problems.js';
import { Supervisor } from './supervisor.js';

const paths = homePaths(process.env);
const pidFiles = new PidFiles(paths.run);
const supervisor = new Supervisor(pidFiles, say);
let stopping: Promise<void> | undefined;

// Logs and databases hold what only this user should read.
process.umask(0o077);
onStopSignal(stop, () => say('Ending at once. The next start takes over what is still running.'));
const starting = start();
await starting.catch(giveUp);

async function start(): Promise<void> {
  const config = loadConfig(process.env, []);
  makeHome(paths);
  await refuseSecondLauncher();
  const problems = await portProblems({ config, paths, pidFiles });
  if (problems.length > 0) throw new StartProblems(problems);
  pidFiles.write('launcher', process.pid);
  const installation = await bringUp({ env: process.env, config, paths, supervisor, pidFiles, report: say });
  announce(installation);
  if (installation.credentials?.isNew && config.sampleTrade) await narrateSampleTrade(installation.credentials, say);
}

async function refuseSecondLauncher(): Promise<void> {
  const other = await pidFiles.find('launcher', 'src/launcher/start.ts');
  if (other === undefined) return;
  throw new StartProblems([`Arbion is already running, as process ${other.process.pid}. Stop it with Ctrl-C first.`]);
}

function announce({ url, temporalUrl, credentials }: Installation): void {
  const rows = [
    ['API', url],
    ['API reference', `${url}/docs`],
    ...(temporalUrl ? [['Temporal', temporalUrl]] : []),
    ...(credentials ? [['Log in as', logIn(credentials)]] : []),
    ...(credentials ? [['API token', `in ${shortest(paths.credentials)}`]] : []),
    ['Logs', shortest(paths.logs)],
    ...(process.env.SMTP_URL ? [] : [['E-mail', `is written to ${shortest(paths.outbox)}`]]),
  ] as const;
  say('\nArbion is ready, trading on paper.\n');
  for (const [label = '', value] of rows) say(`  ${label.padEnd(16)} ${value}`);
  say('\nCtrl-C stops everything.\n');
}

/** The output of later starts may be kept by a terminal or a log. */
function logIn({ email, password, isNew }: NonNullable<Installation['credentials']>): string {
  return isNew ? `${email}  password ${password}` : `${email}  password in ${shortest(paths.credentials)}`;
}

/** Relative to the working directory when it is below it. */
function shortest(path: string): string {
  const fromHere = relative('', path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function stop(): void {
  say('\nStopping …');
  stopping = stopEverything().then(() => process.exit(0));
}

/** Waits for what is being started, so that no process is left behind. */
async function stopEverything(): Promise<void> {
  await Promise.race([starting.catch(() => {}), sleep(20_000)]);
  await supervisor.stopAll();
  pidFiles.removeOwn('launcher');
  say('Stopped.');
}

async function giveUp(error: unknown): Promise<void> {
  if (stopping !== undefined) return;
  const isKnown = error instanceof ConfigError || error instanceof StartProblems;
  say(
    isKnown || !(error instanceof Error)
      ? String(error instanceof Error ? error.message : error)
      : `Arbion could not start: ${error.message}`,
  );
  await supervisor.stopAll();
  pidFiles.removeOwn('launcher');
  process.exit(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
