/**
 * Fails when a package of package-lock.json has a known hole, by what the registry answers to `npm audit`. The answer is
 * kept, for when there is no registry: then the last one for the same packages counts, and without any nothing is said.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const LONGEST_MS = 60_000;

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const kept = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'arbion',
  `advisories-${lock.slice(0, 16)}.json`,
);

const answer = (await asked()) ?? remembered();
if (answer === undefined) {
  say('Advisories: the registry does not answer audits, and never did for these packages. Nothing was checked.');
} else {
  const holes = holesIn(answer.report);
  for (const hole of holes) say(hole);
  say(`Advisories of ${answer.askedAt}: ${holes.length === 0 ? 'none' : `${holes.length} packages`}.`);
  process.exitCode = holes.length === 0 ? 0 : 1;
}

/** The registry's answer of this moment, or undefined. */
async function asked() {
  const report = reportIn(await outputOf('npm', ['audit', '--json', '--package-lock-only', '--fetch-retries=0']));
  if (report === undefined) return undefined;
  const fresh = { askedAt: new Date().toISOString(), report };
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify(fresh));
  return fresh;
}

function remembered() {
  return existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : undefined;
}

/** npm writes JSON as well when it could not ask, of another form. */
function reportIn(output) {
  try {
    const report = JSON.parse(output);
    return report.auditReportVersion === undefined ? undefined : report;
  } catch {
    return undefined;
  }
}

/** One line for each package, with what is known of it, or by which other package it is affected. */
function holesIn({ vulnerabilities }) {
  return Object.values(vulnerabilities).map(({ name, severity, via }) => {
    const reasons = via.map((reason) =>
      typeof reason === 'string' ? `by ${reason}` : `${reason.range}, ${reason.title} (${reason.url})`,
    );
    return `${severity}: ${name}: ${reasons.join('; ')}`;
  });
}

/** Its exit code says only whether there is anything to report. */
function outputOf(file, parameters) {
  return new Promise((done) => {
    const child = spawn(file, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], timeout: LONGEST_MS });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', () => done(''));
    child.on('close', () => done(output));
  });
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
