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

/** Another program on the API's port, other than an earlier start of this installation. All other ports are drawn. */
export async function portProblems(options: {
  config: Config;
  paths: HomePaths;
  pidFiles: PidFiles;
}): Promise<string[]> {
  const { port } = options.config;
  if ((await isPortFree(port)) || (await options.pidFiles.find('api', options.paths.root))) return [];
  return [
    `Port ${port}, for the API and console, is in use by another program. Stop that program, or set PORT to a free port.`,
  ];
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
