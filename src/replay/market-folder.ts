import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const CORPORATE_ACTIONS = 'corporate-actions.csv';

/**
 * A folder in the market-data layout with only the given day files (`…/equity/SPY/2013-10-08.csv`), as links: the
 * recordings are read in place. Splits are taken from the folder that the files are in.
 */
export async function linkedMarketFolder(
  files: readonly string[],
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-replay-'));
  for (const file of files) await linkDay(directory, resolve(file));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function linkDay(directory: string, file: string): Promise<void> {
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  const symbolFolder = dirname(file);
  const classFolder = dirname(symbolFolder);
  const target = join(directory, basename(classFolder), basename(symbolFolder));
  await mkdir(target, { recursive: true });
  await symlink(file, join(target, basename(file)));
  const actions = join(dirname(classFolder), CORPORATE_ACTIONS);
  const link = join(directory, CORPORATE_ACTIONS);
  if (existsSync(actions) && !existsSync(link)) await symlink(actions, link);
}
