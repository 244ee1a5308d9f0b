import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/platform/config.js';
import { isTypedKey, isTypedText } from '../../src/platform/weak-secrets.js';

const key = () => randomBytes(32).toString('base64');
const sameKey = key();
const sameHalf = randomBytes(16);
const sessionSecret = randomBytes(48).toString('base64');

function problemsOf(env: NodeJS.ProcessEnv, needs: Parameters<typeof loadConfig>[1] = []): readonly string[] {
  try {
    loadConfig(env, needs);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('loadConfig', () => {
  it('fills everything optional from an empty environment', () => {
    const config = loadConfig({}, []);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      publicUrl: 'http://localhost:8000',
      temporal: { address: 'localhost:7233', namespace: 'default' },
      marketData: { kind: 'synthetic' },
      monitorIntervalMs: 60_000,
      paperCash: '100000',
      paperFees: { perShare: '0', perContract: '0.65', coinPercent: '0.6' },
      continueAsNewEvents: 150,
      sampleTrade: true,
      trustedHops: 0,
    });
    expect(config).not.toHaveProperty('databaseUrl');
  });

  it('takes a mail server, and lets nothing leave this machine without encryption unless the host is named', () => {
    const mailOf = (env: NodeJS.ProcessEnv) => loadConfig(env, []).mail;
    expect(mailOf({})).toEqual({ from: 'arbion@localhost.localdomain' });
    const remote = { SMTP_URL: 'smtp://mail.example:587', MAIL_FROM: 'a@mail.example' };
    expect(mailOf(remote)).toEqual({ from: 'a@mail.example', smtp: { url: remote.SMTP_URL, mayBePlaintext: false } });
    expect(mailOf({ ...remote, ALLOW_PLAINTEXT_HOSTS: 'mail.example' }).smtp?.mayBePlaintext).toBe(true);
    expect(mailOf({ SMTP_URL: 'smtp://127.0.0.1:25' }).smtp?.mayBePlaintext).toBe(true);
    expect(problemsOf({ SMTP_URL: 'https://mail.example' })).toEqual([
      expect.stringMatching(/^SMTP_URL must be smtps/),
    ]);
    expect(problemsOf({ MAIL_FROM: 'nobody' })).toEqual([expect.stringMatching(/^MAIL_FROM must be/)]);
    expect(problemsOf({ RATE_LIMIT_FAILURES_PER_ACCOUNT: '101' })).toHaveLength(1);
  });

  it('reports every problem at once, with its remedy and without its value', () => {
    const problems = problemsOf(
      {
        PORT: '99999',
        SESSION_SECRET: 'hunter2hunter2',
        MONITOR_INTERVAL: 'soon',
        REDIS_URL: 'http://nowhere',
        SUPERADMIN_EMAIL: 'root@example.org',
      },
      ['databaseUrl'],
    );
    expect(problems).toHaveLength(6);
    expect(problems.join('\n')).toMatch(/PORT must be a whole number from 1 to 65535/);
    expect(problems.join('\n')).toMatch(/SESSION_SECRET must be at least 32 random bytes/);
    expect(problems.join('\n')).toMatch(/DATABASE_URL is missing/);
    expect(problems.join('\n')).not.toMatch(/hunter2|soon|nowhere/);
  });

  it('reports what is wrong between settings although others are malformed', () => {
    const problems = problemsOf({ PORT: 'x', SUPERADMIN_PASSWORD: 'weak', PUBLIC_URL: 'http://arbion.example' });
    expect(problems).toEqual([
      expect.stringMatching(/^PORT /),
      expect.stringMatching(/^SUPERADMIN_PASSWORD is too weak/),
      expect.stringMatching(/^SUPERADMIN_EMAIL and SUPERADMIN_PASSWORD belong together/),
      expect.stringMatching(/^PUBLIC_URL .* use https/),
    ]);
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '' }, []).port).toBe(8000);
    expect(problemsOf({ DATABASE_URL: '' }, ['databaseUrl'])).toHaveLength(1);
  });

  it('keeps what a process needs when it is there', () => {
    const config = loadConfig({ DATABASE_URL: 'postgresql://u:p@localhost:5432/x', SESSION_SECRET: sessionSecret }, [
      'databaseUrl',
      'sessionSecret',
    ]);
    expect(config.databaseUrl).toBe('postgresql://u:p@localhost:5432/x');
    expect(config.sessionSecret).toBe(sessionSecret);
  });
});

describe('ENCRYPTION_KEY', () => {
  it('reads a ring, the first key first', () => {
    const { encryptionKeys } = loadConfig({ ENCRYPTION_KEY: `k2:${key()},k1:${key()}` }, ['encryptionKeys']);
    expect(encryptionKeys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    expect(encryptionKeys[0]?.key).toHaveLength(32);
  });

  it.each([
    ['31 bytes', `k1:${randomBytes(31).toString('base64')}`],
    ['all zero', `k1:${Buffer.alloc(32).toString('base64')}`],
    ['counting bytes', `k1:${Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')}`],
    ['the same id twice', `k1:${key()},k1:${key()}`],
    ['the same key under two ids', `k2:${sameKey},k1:${sameKey}`],
    ['T56 text of 32 bytes', `k1:${Buffer.from('this is our key for the live one').toString('base64')}`],
    ['T56 a walk over the keyboard', `k1:${Buffer.from('qwertyuiopasdfghjklzxcvbnm123456').toString('base64')}`],
    ['T56 hexadecimal that was encoded again', `k1:${Buffer.from(randomBytes(16).toString('hex')).toString('base64')}`],
    ['T56 words that are base64 as they are', 'k1:correcthorsebatterystaplecorrecthorsebatteQ='],
    [
      'T56 few different bytes',
      `k1:${Buffer.concat([randomBytes(8), randomBytes(8), Buffer.alloc(16, 7)]).toString('base64')}`,
    ],
    ['T56 the same half twice', `k1:${Buffer.concat([sameHalf, sameHalf]).toString('base64')}`],
    ['no id', key()],
    ['a pass-phrase', 'k1:correct horse battery staple'],
  ])('refuses %s', (_case, ring) => {
    const problems = problemsOf({ ENCRYPTION_KEY: ring });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain(ring);
  });
});

describe('MARKET_DATA', () => {
  it('reads a replay directory with a speed', () => {
    expect(loadConfig({ MARKET_DATA: `replay:${tmpdir()}@60` }, []).marketData).toEqual({
      kind: 'replay',
      directory: tmpdir(),
      speed: 60,
    });
  });

  it.each(['nasdaq', 'replay:', 'replay:/no/such/directory'])('refuses %s', (value) => {
    expect(problemsOf({ MARKET_DATA: value })).toHaveLength(1);
  });
});

describe('brokers', () => {
  const client = { SCHWAB_CLIENT_ID: 'id', SCHWAB_CLIENT_SECRET: 'secret' };

  it('are offered when their client is named, at their own address unless another is', () => {
    expect(loadConfig({}, []).brokers).toEqual({});
    expect(loadConfig(client, []).brokers).toEqual({
      schwab: { baseUrl: 'https://api.schwabapi.com', client: { id: 'id', secret: 'secret' } },
    });
    const simulated = { ...client, SCHWAB_BASE_URL: 'http://127.0.0.1:8100/schwab/' };
    expect(loadConfig(simulated, []).brokers.schwab?.baseUrl).toBe('http://127.0.0.1:8100/schwab');
  });

  it('that take keys are offered when their address is named', () => {
    const addresses = {
      ALPACA_BASE_URL: 'https://paper-api.alpaca.markets',
      SCHWAB_BASE_URL: 'https://api.schwabapi.com',
    };
    expect(loadConfig(addresses, []).brokers).toEqual({ alpaca: { baseUrl: 'https://paper-api.alpaca.markets' } });
  });

  it.each([
    [{ SCHWAB_CLIENT_ID: 'id' }],
    [{ ...client, SCHWAB_BASE_URL: 'http://api.schwabapi.com' }],
    [{ ...client, SCHWAB_BASE_URL: 'ftp://api.schwabapi.com' }],
    [{ ...client, SCHWAB_BASE_URL: 'https://api.schwabapi.com?key=1' }],
  ])('are refused half named, or without encryption: %j', (env) => {
    expect(problemsOf(env)).toHaveLength(1);
  });
});

describe('connections to other machines', () => {
  const remote = {
    DATABASE_URL: 'postgresql://u:p@db.internal/x',
    REDIS_URL: 'redis://cache.internal',
    TEMPORAL_ADDRESS: 'temporal.internal:7233',
  };

  it('are refused without encryption', () => {
    expect(problemsOf(remote)).toHaveLength(3);
  });

  it('are accepted with encryption', () => {
    const config = loadConfig(
      {
        DATABASE_URL: 'postgresql://u:p@db.internal/x?sslmode=verify-full',
        REDIS_URL: 'rediss://cache.internal',
        TEMPORAL_ADDRESS: 'temporal.internal:7233',
        TEMPORAL_TLS: 'true',
      },
      [],
    );
    expect(config.temporal.tls).toEqual({});
  });

  it.each([
    'postgresql://u:p@db.internal/x?sslmode=prefer&sslmode=disable',
    'postgresql://u:p@db.internal/x?sslmode=no-verify',
    'postgresql://u:p@db.internal/x?sslmode=require&uselibpqcompat=true',
    'postgresql://u:p@localhost/x?host=db.internal',
    'postgresql:///x',
    'postgresql://u:p@db.internal/x?sslmode=verify-full&sslrootcert=/no/such/file',
  ])('are refused when the driver would not verify whom it reaches: %s', (url) => {
    expect(problemsOf({ DATABASE_URL: url })).toEqual([expect.stringMatching(/^DATABASE_URL /)]);
  });

  it.each([
    'postgresql://u:p@localhost/x',
    'postgresql://u:p@[::1]:5432/x',
    'postgresql://u:p@127.0.0.2/x',
    'postgresql://u:p@db.internal/x?ssl=true',
  ])('are accepted on this machine, and where they are verified: %s', (url) => {
    expect(problemsOf({ DATABASE_URL: url })).toEqual([]);
  });

  it('are expected under https by browsers too', () => {
    const origins = { PUBLIC_URL: 'http://arbion.example', TEMPORAL_UI_URL: 'http://temporal.example' };
    expect(problemsOf(origins)).toHaveLength(2);
    expect(problemsOf({ ...origins, ALLOW_PLAINTEXT_HOSTS: 'arbion.example,temporal.example' })).toEqual([]);
    expect(problemsOf({ PUBLIC_URL: 'https://arbion.example', TEMPORAL_UI_URL: 'http://localhost:8233' })).toEqual([]);
  });

  it('are accepted to hosts that are named as exceptions', () => {
    expect(problemsOf({ ...remote, ALLOW_PLAINTEXT_HOSTS: 'db.internal, cache.internal,temporal.internal' })).toEqual(
      [],
    );
  });

  it('T57 are not offered either: the API listens beyond this machine only where that is said', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.7', 'arbion.internal']) {
      expect(problemsOf({ HOST })).toEqual([
        expect.stringMatching(/^HOST would take requests on .* without encryption/),
      ]);
      expect(problemsOf({ HOST, ALLOW_PLAINTEXT_HOSTS: `postgres,${HOST}` })).toEqual([]);
    }
    for (const HOST of ['127.0.0.1', '127.0.0.2', '::1', 'localhost']) expect(problemsOf({ HOST })).toEqual([]);
  });

  it('use TLS with an API key unless it is switched off', () => {
    const address = { TEMPORAL_ADDRESS: 'temporal.internal:7233', TEMPORAL_API_KEY: 'key' };
    expect(loadConfig(address, []).temporal.tls).toEqual({});
    expect(problemsOf({ ...address, TEMPORAL_TLS: 'false' })).toHaveLength(1);
  });
});

it('refuses a weak password for the superadmin', () => {
  const env = { SUPERADMIN_EMAIL: 'root@example.org' };
  expect(problemsOf({ ...env, SUPERADMIN_PASSWORD: 'short' })).toHaveLength(1);
  expect(problemsOf({ ...env, SUPERADMIN_PASSWORD: 'x7-lantern-quarry-91' })).toEqual([]);
});

describe('a secret', () => {
  it.each([
    'change-me-change-me-change-me-change-me-1',
    'my session secret of more than 32 bytes',
    'q8Zr1xWm'.repeat(5),
    'a'.repeat(48),
    randomBytes(20).toString('base64'),
    'qwertyuiopasdfghjklzxcvbnm1234567890',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
    'QAZwsxEDCrfvTGByhnUJMikOLp1234567890',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'my-very-long-and-safe-phrase-for-2026-production',
    'ThisIsOurVeryOwnKeyForTheProductionUse2026',
    'correct horse battery staple and an umbrella',
    'wirhabenkeineangstvordemboesenwolf',
    '0f0f0f0f1e1e0f0f1e1e0f0f0f1e0f1e0f0f0f1e',
  ])('T56 is not what somebody typed or copied: %s', (secret) => {
    for (const name of ['SESSION_SECRET', 'METRICS_TOKEN']) {
      expect(problemsOf({ [name]: secret })).toEqual([expect.stringMatching(`^${name} must be`)]);
    }
  });

  it('is random if it was drawn, as a key or as text of any usual form', () => {
    for (let times = 0; times < 2_000; times++) {
      expect(isTypedKey(randomBytes(32))).toBe(false);
      for (const form of ['base64', 'base64url', 'hex'] as const) {
        expect(isTypedText(randomBytes(32).toString(form))).toBe(false);
      }
      expect(isTypedText(randomBytes(16).toString('hex'))).toBe(false);
    }
  });

  it.each(['base64', 'base64url', 'hex'] as const)('is random, in %s', (form) => {
    for (let times = 0; times < 100; times++) {
      expect(problemsOf({ SESSION_SECRET: randomBytes(32).toString(form) })).toEqual([]);
    }
  });

  it('serves one purpose', () => {
    const reused = { SESSION_SECRET: sameKey, METRICS_TOKEN: sameKey, ENCRYPTION_KEY: `k1:${sameKey}` };
    expect(problemsOf(reused)).toEqual([
      'SESSION_SECRET and METRICS_TOKEN have the same value: create a separate secret for each.',
      'METRICS_TOKEN and ENCRYPTION_KEY have the same value: create a separate secret for each.',
    ]);
  });
});
