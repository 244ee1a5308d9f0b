/** `arbion replay` runs a plan on servers of its own. */
import { homePaths } from '../../platform/home.js';
import { linkedMarketFolder } from '../../replay/market-folder.js';
import { readPlan } from '../../replay/plan.js';
import { quietTemporal } from '../../replay/quiet-temporal.js';
import { type ReplayResult, runReplay } from '../../replay/replay.js';
import { startReplayStack } from '../../replay/replay-stack.js';

export interface ReplayInputs {
  /** recorded days */
  files: string[];
  planFile: string;
  openingCash: string;
}

/** Runs the plan from the first to the last recorded quote. `show` gets the progress, as text for a terminal. */
export async function replayPlan(
  env: NodeJS.ProcessEnv,
  { files, planFile, openingCash }: ReplayInputs,
  show: (text: string) => void,
): Promise<ReplayResult> {
  const plan = await readPlan(planFile);
  const folder = await linkedMarketFolder(files);
  try {
    quietTemporal();
    show('Starting Postgres and Temporal for this replay …\n');
    const servers = await startReplayStack(homePaths(env).root, (line) => show(`${line}\n`));
    try {
      const progress = progressTo(show);
      return await runReplay({ directory: folder.directory, plan, servers, openingCash, progress });
    } finally {
      await servers.stop();
    }
  } finally {
    await folder.remove();
  }
}

/** One line that is overwritten on a terminal; elsewhere a line for every hundredth row. */
function progressTo(show: (text: string) => void): (done: number, all: number, marketTime: number) => void {
  const { isTTY } = process.stderr;
  return (done, all, marketTime) => {
    if (!isTTY && done % 100 !== 0 && done !== all) return;
    const line = `${new Date(marketTime).toISOString().slice(0, 16).replace('T', ' ')}  ${done} of ${all} rows`;
    show(isTTY ? `\r${line}${done === all ? '\n' : ''}` : `${line}\n`);
  };
}
