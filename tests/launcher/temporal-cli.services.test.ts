import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveTemporalCli } from '../../src/launcher/temporal-cli.js';

const folder = () => mkdtempSync(join(tmpdir(), 'arbion-cli-'));

/** A program that only knows how to say its version. */
function program(directory: string, name = 'temporal'): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, '#!/bin/sh\necho temporal version 1\n');
  chmodSync(path, 0o755);
  return path;
}

function resolve(env: NodeJS.ProcessEnv, home = folder()) {
  return resolveTemporalCli({ PATH: '/nowhere', XDG_CACHE_HOME: folder(), ...env }, { home, report: () => {} });
}

describe('resolveTemporalCli', () => {
  it('takes what TEMPORAL_CLI_PATH names', async () => {
    const path = program(folder());
    expect(await resolve({ TEMPORAL_CLI_PATH: path })).toBe(path);
  });

  it('refuses a TEMPORAL_CLI_PATH that does not work, instead of using another', async () => {
    await expect(resolve({ TEMPORAL_CLI_PATH: '/nowhere/temporal' })).rejects.toThrow(/TEMPORAL_CLI_PATH/);
  });

  it('finds one in ARBION_HOME, then one in the cache of the machine', async () => {
    const [home, cache] = [folder(), folder()];
    const cached = program(join(cache, 'arbion/temporal-1.5.1'));
    expect(await resolve({ XDG_CACHE_HOME: cache }, home)).toBe(cached);
    const own = program(join(home, 'bin'));
    expect(await resolve({ XDG_CACHE_HOME: cache }, home)).toBe(own);
  });

  it('finds a former download of the SDK', async () => {
    const cache = folder();
    const downloaded = program(join(cache, 'arbion/temporal-1.5.1'), 'temporal-sdk-typescript-1.24.0');
    expect(await resolve({ XDG_CACHE_HOME: cache })).toBe(downloaded);
  });
});
