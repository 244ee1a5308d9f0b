/** Schemathesis (https://schemathesis.readthedocs.io) against a live API: every check, for every kind of caller. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPython } from '../support/python.js';
import type { LiveApi } from './live-api.js';

const run = promisify(execFile);
const folder = import.meta.dirname;
/** Per operation, caller and round, besides what the document itself gives rise to. */
const EXAMPLES = 12;
const LONGEST_ROUND_MS = 1_800_000;

export interface FuzzOptions {
  /** Rounds go on until the API has answered so many. */
  requests: number;
  /** repeats a run's inputs; what they meet is the machine's */
  seed: number;
  report(line: string): void;
}

export interface FuzzResult {
  /** as the API counted them: by status */
  answered: Record<string, number>;
  /** what Schemathesis says of each caller whose checks failed */
  failures: string[];
}

export async function fuzz(api: LiveApi, { requests, seed, report }: FuzzOptions): Promise<FuzzResult> {
  const programs = await installPython('schemathesis', join(folder, 'requirements.txt'));
  const callers = await callersOf(api);
  const failures: string[] = [];
  for (let round = 0; total(await api.answered()) < requests && failures.length === 0; round++) {
    const seedOfRound = seed + round;
    const ended = callers.map(async ({ name, settings }) => {
      const failure = await runOnce(join(programs, 'st'), api.url, { settings, seed: seedOfRound });
      if (failure !== undefined) failures.push(`${name}, seed ${seedOfRound}\n${failure}`);
      report(`seed ${seedOfRound}, ${name}: ${failure === undefined ? 'all is well' : 'FAILED'}`);
    });
    await Promise.all(ended);
    report(`${total(await api.answered())} requests answered`);
  }
  return { answered: await api.answered(), failures };
}

interface CallerOfApi {
  name: string;
  /** appended to schemathesis.toml */
  settings: string;
}

async function callersOf(api: LiveApi): Promise<CallerOfApi[]> {
  const token = await api.token('standard', ['read', 'trade']);
  return [
    { name: 'a token that may trade', settings: `[auth.openapi.bearer]\nbearer = "${token}"\n` },
    { name: 'a person', settings: withSession(api, await api.session('standard')) },
    { name: 'an administrator', settings: withSession(api, await api.session('admin')) },
  ];
}

/** A browser on our own pages names their origin. */
function withSession({ url }: LiveApi, session: string): string {
  return `[headers]\nOrigin = "${url}"\n[auth.openapi.session]\napi_key = "${session}"\n`;
}

/** Answers what failed, or undefined. */
async function runOnce(
  program: string,
  url: string,
  { settings, seed }: { settings: string; seed: number },
): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-schemathesis-'));
  try {
    const config = join(directory, 'schemathesis.toml');
    await writeFile(config, `${await readFile(join(folder, 'schemathesis.toml'), 'utf8')}\n${settings}`);
    const options = ['--seed', `${seed}`, '--max-examples', `${EXAMPLES}`, '--no-color'];
    await run(program, ['--config-file', config, 'run', `${url}/openapi.json`, ...options], {
      cwd: directory,
      timeout: LONGEST_ROUND_MS,
      maxBuffer: 2 ** 28,
    });
    return undefined;
  } catch (error) {
    return failuresIn(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function failuresIn(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  const from = stdout.search(/=+ (?:FAILURES|ERRORS) =+/);
  return from === -1 ? `${error}\n${stdout}${stderr}` : stdout.slice(from);
}

export function total(answered: Record<string, number>): number {
  return Object.values(answered).reduce((sum, count) => sum + count, 0);
}
