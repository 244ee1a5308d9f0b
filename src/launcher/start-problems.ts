import type { Config } from '../platform/config.js';
import type { HomePaths } from '../platform/home.js';
import type { PidFiles } from './pid-files.js';
import { isPortFree } from './ports.js';

/** Thrown when `npm start` can't go on; its message lists every problem, with its remedy. */
export class StartProblems extends Error {
  override readonly name = 'StartProblems';
  constructor(problems: readonly string[]) {
    super(['Arbion cannot start:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
  }
}

/** The ports that this start needs and that something else uses, other than an earlier start of this installation. */
export async function portProblems(options: {
  config: Config;
  embedsTemporal: boolean;
  paths: HomePaths;
  pidFiles: PidFiles;
}): Promise<string[]> {
  const { port, embeddedTemporal } = options.config;
  const api = { port, setting: 'PORT', owner: 'api', use: 'the API and console' };
  const temporal = [
    { port: embeddedTemporal.port, setting: 'TEMPORAL_PORT', owner: 'temporal', use: 'Temporal' },
    { port: embeddedTemporal.uiPort, setting: 'TEMPORAL_UI_PORT', owner: 'temporal', use: "Temporal's console" },
  ];
  const problems: string[] = [];
  for (const { port, setting, owner, use } of [api, ...(options.embedsTemporal ? temporal : [])]) {
    if (await isPortFree(port)) continue;
    if (await options.pidFiles.find(owner, options.paths.root)) continue;
    problems.push(
      `Port ${port}, for ${use}, is in use by another program. Stop that program, or set ${setting} to a free port.`,
    );
  }
  return problems;
}

/** Waits for both and returns their results. @throws StartProblems with the reason of each that failed */
export async function allOrProblems<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  const failed = [one, other].filter((outcome) => outcome.status === 'rejected');
  throw new StartProblems(failed.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason))));
}
