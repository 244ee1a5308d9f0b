/** T39: what comes from elsewhere has no known hole, is what it was when it was chosen, and runs nothing at its installation. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  version: string;
  integrity?: string;
  hasInstallScript?: boolean;
}
interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const installed = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ ...entry, name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length) }));

/** The first version without the holes that were known when this was last looked through. */
const FLOORS: Record<string, { from: string; because: string }> = {
  hono: {
    from: '4.13.11',
    because: 'GHSA-5r4p-p66f-jhc7, decoding twice; older ones let CORS, CSRF and body limits be passed',
  },
  '@hono/node-server': {
    from: '2.1.3',
    because: 'GHSA-rmxm-3fg6-px4f, decoding twice; GHSA-9mqv-5hh9-4cgg, a leak of handshakes',
  },
};

/** CVE-2026-5724, a streaming endpoint of administrators that asked for no permission; an older line ends at its own. */
const TEMPORAL_FLOORS = ['1.28.4', '1.29.6', '1.30.4'];

/** Whose installation scripts run, and why nothing goes without. */
const RUNS: Record<string, string> = {
  esbuild: 'puts its native program in the place of a slow starter written in JavaScript',
  '@swc/core': 'checks that its native part fits this machine, which builds the bundle of workflows',
};

it('T39 is nowhere older than the first version without known holes', () => {
  const old = installed.filter(({ name, version }) => FLOORS[name] && isBelow(version, FLOORS[name].from));
  expect(old.map(({ name, version }) => `${name} ${version}: ${FLOORS[name]?.because}`)).toEqual([]);
  // One that nobody installs any more is not kept.
  expect(Object.keys(FLOORS).filter((floor) => !installed.some(({ name }) => name === floor))).toEqual([]);
});

it('T39 runs no Temporal server older than that', () => {
  const versions = [...readFileSync('docker-compose.yml', 'utf8').matchAll(/temporalio\/server:(\S+)/g)];
  expect(versions).toHaveLength(1);
  expect(versions.filter(([, version = '']) => isOldTemporal(version))).toEqual([]);
  expect(['1.28.3', '1.29.1', '1.30.3', '1.27.9'].filter((version) => !isOldTemporal(version))).toEqual([]);
  expect(['1.28.4', '1.29.6', '1.30.4', '1.31.0', '2.0.0'].filter(isOldTemporal)).toEqual([]);
});

/** The first versions without the holes that were known when this was last looked through. */
const IMAGE_FLOORS: Record<string, { from: string; because: string }> = {
  node: { from: '24.14.1', because: 'CVE-2026-21717, keys of JSON whose hashes collide; CVE-2026-21710, a header' },
  postgres: { from: '18.6', because: 'the releases of its line close what is known' },
  redis: { from: '7.4.11', because: 'CVE-2026-23479, use of what was freed' },
};

it('T64 names the exact version of each image, and none that is older than the first without known holes', () => {
  const texts = ['docker-compose.yml', 'Dockerfile'].map((file) => readFileSync(file, 'utf8'));
  const images = texts.flatMap((text) => [...text.matchAll(/^\s*(?:image:|FROM) ([a-z/-]+)(?::(\S+))?/gm)]);
  const foreign = images.filter(([, name]) => name !== 'arbion');
  expect(foreign.length).toBeGreaterThanOrEqual(7);
  for (const [, name = '', tag = ''] of foreign) {
    expect(tag, name).toMatch(/^\d+\.\d+(?:\.\d+)?(?:-[a-z-]+)?(?:@sha256:[0-9a-f]{64})?$/);
    const floor = IMAGE_FLOORS[name];
    if (floor) expect(isBelow(tag.replace(/[-@].*$/, ''), floor.from), `${name}: ${floor.because}`).toBe(false);
  }
});

it('T39 runs no script at its installation but of those that are named with a reason', () => {
  const withScripts = new Set(installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
  const { allowScripts } = manifest;
  expect(new Set(Object.keys(allowScripts))).toEqual(withScripts);
  expect(Object.keys(RUNS)).toEqual(Object.keys(allowScripts).filter((name) => allowScripts[name]));
});

it('T39 is the very file that was chosen', () => {
  expect(installed.filter(({ integrity = '' }) => !integrity.startsWith('sha512-')).map(({ name }) => name)).toEqual(
    [],
  );
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([]);
});

it('T39 is listed, with its digest, by the bill of materials that npm makes', () => {
  const written = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], { encoding: 'utf8' });
  const { components } = JSON.parse(written) as { components: { name: string; version: string; hashes?: unknown[] }[] };
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
  expect(installed.filter(({ name, version }) => !listed.has(`${name}@${version}`))).toEqual([]);
  expect(components.filter(({ hashes = [] }) => hashes.length === 0).map(({ name }) => name)).toEqual([]);
});

it('judges a made-up version by its numbers', () => {
  expect(['4.13.10', '4.9.99', '3.99.99', '4.13.11-rc.1'].every((version) => isBelow(version, '4.13.11'))).toBe(true);
  expect(['4.13.11', '4.13.19', '4.14.0', '5.0.0'].some((version) => isBelow(version, '4.13.11'))).toBe(false);
});

function isOldTemporal(version: string): boolean {
  const line = TEMPORAL_FLOORS.find(
    (floor) => floor.slice(0, floor.lastIndexOf('.')) === version.slice(0, version.lastIndexOf('.')),
  );
  return isBelow(version, line ?? TEMPORAL_FLOORS.at(-1) ?? '');
}

/** By SemVer's order: a preview comes before its version. */
function isBelow(version: string, floor: string): boolean {
  const numbers = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number);
  const [ours, least] = [numbers(version), numbers(floor)];
  const at = ours.findIndex((number, index) => number !== least[index]);
  return at === -1 ? version.includes('-') : (ours[at] ?? 0) < (least[at] ?? 0);
}
