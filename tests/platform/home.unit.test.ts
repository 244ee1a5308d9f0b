import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { homePaths, makeHome, settingsFromHome, writeCredentials, writeSecrets } from '../../src/platform/home.js';

const credentials = {
  url: 'http://localhost:8000',
  email: 'trader@arbion.local',
  password: 'p',
  token: 't',
  databaseUrl: 'postgresql://arbion:p@127.0.0.1:5000/arbion',
  temporalAddress: '127.0.0.1:7233',
};
const secrets = { sessionSecret: 'session', encryptionKey: 'k1:key', postgresPassword: 'p' };

function installation() {
  const env = { ARBION_HOME: mkdtempSync(join(tmpdir(), 'arbion-home-')) };
  const paths = homePaths(env);
  makeHome(paths);
  return { env, paths };
}

it('completes the environment from the installation and leaves alone what is set', () => {
  const { env, paths } = installation();
  writeCredentials(paths, credentials);
  writeSecrets(paths, secrets);
  expect(settingsFromHome({ ...env, TEMPORAL_ADDRESS: 'localhost:9', SESSION_SECRET: '' })).toMatchObject({
    DATABASE_URL: credentials.databaseUrl,
    TEMPORAL_ADDRESS: 'localhost:9',
    SESSION_SECRET: 'session',
    ENCRYPTION_KEY: 'k1:key',
  });
});

it('leaves the environment as it is before the first start', () => {
  const { env } = installation();
  expect(settingsFromHome(env)).toEqual(env);
});

it('writes its files for the owner only', () => {
  const { paths } = installation();
  writeCredentials(paths, credentials);
  writeSecrets(paths, secrets);
  expect(statSync(paths.credentials).mode & 0o777).toBe(0o600);
  expect(statSync(paths.secrets).mode & 0o777).toBe(0o600);
});

it('refuses a damaged file without quoting it', () => {
  const { env, paths } = installation();
  writeFileSync(paths.secrets, '{"sessionSecret": "do not show');
  expect(() => settingsFromHome(env)).toThrow(/damaged/);
  expect(() => settingsFromHome(env)).not.toThrow(/do not show/);
});
