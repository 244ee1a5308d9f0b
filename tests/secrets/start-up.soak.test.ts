/** B90: what the real processes refuse to start with. Each reports all that is wrong, opens no port, and shows no secret. */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ofAuthenticator } from '../../src/vault/bindings.js';
import { keyProblems } from '../../src/vault/key-problems.js';
import { createVault } from '../../src/vault/vault.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const API = 'src/api/server.ts';
const WORKER = 'src/worker/main.ts';
const base64 = (bytes: number) => randomBytes(bytes).toString('base64');
const [used, lost] = [
  { id: 'used', key: randomBytes(32) },
  { id: 'lost', key: randomBytes(32) },
];
const ringOf = ({ id, key }: typeof used) => `${id}:${key.toString('base64')}`;

let database: TestDatabase;
const port = createServer();
beforeAll(async () => {
  database = await freshDatabase();
  port.listen(0, '127.0.0.1');
  await once(port, 'listening');
});
afterAll(async () => {
  port.close();
  await database.close();
});

/** Of a process that nothing is wrong with; so one that starts after all is seen at the port, which is taken. */
function sound(): NodeJS.ProcessEnv {
  const address = port.address();
  return {
    PATH: process.env.PATH,
    ARBION_HOME: '/nonexistent',
    PORT: `${typeof address === 'object' && address?.port}`,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    SESSION_SECRET: base64(48),
    ENCRYPTION_KEY: ringOf(used),
  };
}

async function start(entry: string, changes: NodeJS.ProcessEnv) {
  const env = { ...sound(), ...changes };
  const child = spawn(process.execPath, ['scripts/run.mjs', entry], { env });
  let printed = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (printed += String(chunk)));
  const [code] = await once(child, 'close');
  return { code, printed, env };
}

async function expectRefused(entry: string, changes: NodeJS.ProcessEnv, problems: readonly RegExp[]): Promise<void> {
  const { code, printed, env } = await start(entry, changes);
  expect(code, printed).toBe(1);
  expect(printed).toMatch(/^The (API|worker) cannot start\. /);
  for (const problem of problems) expect(printed).toMatch(problem);
  // One line for each, and none of a stack.
  expect(printed.trim().split('\n'), printed).toHaveLength(problems.length + 1);
  expect(printed).not.toMatch(/EADDRINUSE|"listening"|worker ready/);
  for (const secret of secretsIn(env)) expect(printed).not.toContain(secret);
}

/** What must not be shown: secrets, passwords, and the passwords inside of addresses. */
function secretsIn(env: NodeJS.ProcessEnv): string[] {
  const whole = [env.SESSION_SECRET, env.SUPERADMIN_PASSWORD, env.METRICS_TOKEN, env.SCHWAB_CLIENT_SECRET];
  const keys = (env.ENCRYPTION_KEY ?? '').split(',').map((part) => part.split(':').at(-1));
  const inAddresses = [env.DATABASE_URL, env.REDIS_URL].map((url) => /:([^:@/]+)@/.exec(url ?? '')?.[1]);
  return [...whole, ...keys, ...inAddresses].filter((text) => text !== undefined && text.length > 3) as string[];
}

describe('settings', () => {
  const zeros = Buffer.alloc(32).toString('base64');
  const counting = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');
  const reused = base64(32);

  it.concurrent.each<[string, NodeJS.ProcessEnv, RegExp[]]>([
    [
      'nothing is set',
      { DATABASE_URL: '', SESSION_SECRET: '', ENCRYPTION_KEY: '' },
      [/DATABASE_URL is missing: set it/, /SESSION_SECRET is missing: set it/, /ENCRYPTION_KEY is missing: set it/],
    ],
    [
      'a key of 31 bytes, a short secret, a weak password, servers and browsers elsewhere without TLS',
      {
        ENCRYPTION_KEY: `k1:${base64(31)}`,
        SESSION_SECRET: base64(16),
        SUPERADMIN_EMAIL: 'root@example.test',
        SUPERADMIN_PASSWORD: 'tooshort',
        DATABASE_URL: 'postgresql://arbion:hunter22@db.internal/arbion',
        REDIS_URL: 'redis://:hunter23@cache.internal',
        TEMPORAL_ADDRESS: 'temporal.internal:7233',
        PUBLIC_URL: 'http://arbion.example',
        TEMPORAL_UI_URL: 'http://temporal.example',
        SCHWAB_BASE_URL: 'http://api.schwab.example',
      },
      [
        /ENCRYPTION_KEY holds a key that is not 32 bytes in base64: create a key with/,
        /SESSION_SECRET must be at least 32 random bytes: create one with/,
        /SUPERADMIN_PASSWORD is too weak: use at least 15/,
        /DATABASE_URL would connect to db\.internal without verified encryption: add \?sslmode=verify-full/,
        /REDIS_URL would .* cache\.internal .* use rediss/,
        /TEMPORAL_ADDRESS would connect to temporal\.internal without encryption: set TEMPORAL_TLS=true/,
        /PUBLIC_URL would .* use https/,
        /TEMPORAL_UI_URL would .* use https/,
        /SCHWAB_BASE_URL would .* use https/,
      ],
    ],
    [
      'a key of zeros, a secret that was typed, half of a superadmin, numbers that are none',
      {
        ENCRYPTION_KEY: `k1:${zeros}`,
        SESSION_SECRET: 'please-change-this-session-secret-now',
        SUPERADMIN_EMAIL: 'root@example.test',
        PORT: 'eighty',
        MONITOR_INTERVAL: 'soon',
        PAPER_CASH: '1e5',
        TRUSTED_HOPS: '-1',
        RATE_LIMIT_LOGIN_PER_MINUTE: '0',
        CONTINUE_AS_NEW_EVENTS: '99',
        MARKET_DATA: 'replay:/no/such/folder',
        LOG_LEVEL: 'loud',
      },
      [
        /ENCRYPTION_KEY holds a key that is not random/,
        /SESSION_SECRET must be at least 32 random bytes/,
        /SUPERADMIN_EMAIL and SUPERADMIN_PASSWORD belong together/,
        /PORT must be a whole number from 1 to 65535/,
        /MONITOR_INTERVAL must be a duration/,
        /PAPER_CASH must be a decimal number/,
        /TRUSTED_HOPS must be a whole number/,
        /RATE_LIMIT_LOGIN_PER_MINUTE must be a whole number/,
        /CONTINUE_AS_NEW_EVENTS must be a whole number/,
        /MARKET_DATA must name an existing directory/,
        /LOG_LEVEL must be fatal, error/,
      ],
    ],
    [
      'an example for a key, a secret that repeats itself, a client without its secret',
      { ENCRYPTION_KEY: `k1:${counting}`, SESSION_SECRET: 'q8Zr1xWm'.repeat(6), SCHWAB_CLIENT_ID: 'client' },
      [/ENCRYPTION_KEY holds a key that is not random/, /SESSION_SECRET must be/, /SCHWAB_CLIENT_ID and SCHWAB_CLIENT/],
    ],
    [
      'secrets that were typed, and http for everybody',
      {
        ENCRYPTION_KEY: `k1:${Buffer.from('this is our key for the live one').toString('base64')}`,
        SESSION_SECRET: 'qwertyuiopasdfghjklzxcvbnm1234567890',
        METRICS_TOKEN: 'our-own-figures-of-the-trading-desk-2026',
        HOST: '0.0.0.0',
      },
      [
        /ENCRYPTION_KEY holds a key that is not random/,
        /SESSION_SECRET must be at least 32 random bytes/,
        /METRICS_TOKEN must be at least 32 random bytes/,
        /HOST would take requests on 0\.0\.0\.0 without encryption/,
      ],
    ],
    [
      'two first keys of one id, a database whose certificate nobody verifies',
      {
        ENCRYPTION_KEY: `k1:${base64(32)},k1:${base64(32)}`,
        DATABASE_URL: 'postgresql://arbion:hunter22@db.internal/arbion?sslmode=no-verify',
      },
      [/ENCRYPTION_KEY names a key id twice/, /DATABASE_URL would connect to db\.internal/],
    ],
    [
      'one secret for everything',
      { ENCRYPTION_KEY: `k2:${reused},k1:${reused}`, SESSION_SECRET: reused, METRICS_TOKEN: reused },
      [
        /SESSION_SECRET and METRICS_TOKEN have the same value/,
        /METRICS_TOKEN and ENCRYPTION_KEY have the same value/,
        /ENCRYPTION_KEY and ENC/,
      ],
    ],
  ])('B90 the API does not start: %s', (_case, changes, problems) => expectRefused(API, changes, problems));

  it('B90 nor does the worker', () =>
    expectRefused(
      WORKER,
      { ENCRYPTION_KEY: '', SESSION_SECRET: 'short', DATABASE_URL: 'mysql://arbion:hunter22@db/x' },
      [/ENCRYPTION_KEY is missing/, /SESSION_SECRET must be/, /DATABASE_URL must be postgresql/],
    ));
});

describe('a database', () => {
  beforeAll(async () => {
    await keyProblems(database, [used]);
    const userId = randomUUID();
    await database.prisma.user.create({ data: { id: userId, email: 'taken@example.test', passwordHash: '-' } });
    const sealed = Buffer.from(createVault([lost]).seal('a secret', ofAuthenticator(userId)));
    await database.prisma.totpSecret.create({ data: { userId, sealed } });
  });

  /** The process's clock, so far ahead. */
  const clockAhead = (minutes: number) =>
    `--import=data:text/javascript,${encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${minutes * 60_000};`)}`;

  const wrongKeys = { ENCRYPTION_KEY: `used:${base64(32)}` };
  const problems = [
    /ENCRYPTION_KEY has another key under the name "used" than .* Put the old key back/,
    /ENCRYPTION_KEY lacks the key "lost", .*\(1 of totp_secrets\.sealed\)\. Put it back .* `npm run rewrap`/,
  ];

  it('B90 has another key of this id, has secrets under one that is not in the ring, has another time: no API', () => {
    const superadmin = { SUPERADMIN_EMAIL: 'Taken@example.test', SUPERADMIN_PASSWORD: 'qwertyuiopasdfghjkl' };
    const ofSuperadmin = [
      /SUPERADMIN_PASSWORD is too easy to guess/,
      /SUPERADMIN_EMAIL belongs to an existing account/,
    ];
    const clock = /The clock of this machine is 3\d\d s ahead of the database's: synchronise both by NTP/;
    const env = { ...wrongKeys, ...superadmin, NODE_OPTIONS: clockAhead(6) };
    return expectRefused(API, env, [clock, ...problems, ...ofSuperadmin]);
  });

  it('B90 and no worker', () => {
    const clock = /The clock of this machine is 3\d\d s behind the database's/;
    return expectRefused(WORKER, { ...wrongKeys, NODE_OPTIONS: clockAhead(-6) }, [clock, ...problems]);
  });

  it('B90 a clock that is off by less than five minutes is none: the API comes as far as the port, which is taken', async () => {
    const { printed } = await start(API, {
      ENCRYPTION_KEY: `${ringOf(used)},${ringOf(lost)}`,
      NODE_OPTIONS: clockAhead(4),
    });
    expect(printed).toMatch(/EADDRINUSE/);
  });

  it('B90 that is not there', () =>
    expectRefused(WORKER, { DATABASE_URL: 'postgresql://arbion:hunter22@127.0.0.1:1/x' }, []));
});
