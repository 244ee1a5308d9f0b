/** T12: what a person or a program signs in with stands in no log, no table, no answer. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirmRegistration } from '../support/confirm-registration.js';
import { codeOf, openApi, sessionCookie, setUpTotp } from './harness.js';

let logged = '';
const log = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    logged += chunk.toString();
    done();
  },
});

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi({}, {}, pino({ level: 'trace' }, log));
});
afterAll(() => api.close());

/** The whole database as text. */
async function dump(): Promise<string> {
  const { pool } = api.database;
  const tables = await pool.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const texts = await Promise.all(tables.rows.map(({ name }) => pool.query(`SELECT t::text FROM ${name} t`)));
  return JSON.stringify(texts.map(({ rows }) => rows));
}

test('T12 passwords, cookies, tokens and codes leave no trace', async () => {
  const [password, next, last] = [0, 1, 2].map(() => randomBytes(18).toString('base64url'));
  const email = `${randomUUID()}@example.test`;
  const answers: string[] = [];
  const call = async (...request: Parameters<typeof api.call>) => {
    const answer = await api.call(...request);
    answers.push(answer.text);
    return answer;
  };

  await call('POST', '/auth/register', { body: { email, password } });
  await confirmRegistration(call, await api.mailTo(email));
  await call('POST', '/auth/login', { body: { email, password: `${password}x` } });
  const signedIn = await call('POST', '/auth/login', { body: { email, password } });
  const first = sessionCookie(signedIn.headers);
  const device = signedIn.headers.getSetCookie().find((cookie) => cookie.startsWith('arbion_device='));
  const changed = await call('POST', '/auth/password', {
    cookie: first,
    body: { currentPassword: password, newPassword: next },
  });
  const totp = await setUpTotp(api.call, sessionCookie(changed.headers));
  const made = await api.call('POST', '/tokens', { cookie: totp.cookie, body: { name: 'x', scopes: ['read'] } });
  const token = String(made.json.token);
  await call('GET', '/tokens', { cookie: totp.cookie });
  await call('GET', '/auth/sessions', { cookie: totp.cookie });
  await call('GET', '/auth/me', { token });
  await call('GET', `/trades?token=${token}`, { token });
  await call('GET', `/trades/${token}`, { token });
  await call('GET', '/trades', { headers: { authorization: `Basic ${token}` } });
  await call('GET', '/trades', { token: `${token.slice(0, -1)}x` });
  await call('POST', '/auth/login', {
    rawBody: `{"password":"${next}"`,
    headers: { 'content-type': 'application/json' },
  });
  await call('POST', '/auth/login', { body: { email: [password], password: { next }, code: token } });
  await call('POST', '/auth/login', { body: { email, password: next, code: totp.recoveryCodes[0] } });
  await call('POST', '/auth/password-reset', { body: { email } });
  const mails = await api.mailTo(email);
  const reset = mails.flatMap((mail) => /reset-password#([\w-]{43})/.exec(mail)?.[1] ?? [])[0] ?? '';
  await call('POST', '/auth/password-reset/confirm', { body: { token: reset, newPassword: last } });

  const canaries = {
    ...{ password, next, last, token, reset, secret: totp.secret, recovery: totp.recoveryCodes.join('|') },
    ...{ firstCookie: first.split('=')[1], cookie: totp.cookie.split('=')[1] },
    device: device?.split(';')[0]?.split('=')[1],
  };
  const sinks = { log: logged, database: await dump(), answers: answers.join('\n') };
  expect(logged.split('\n').length).toBeGreaterThan(15);
  for (const [sink, text] of Object.entries(sinks)) {
    for (const [name, canary] of Object.entries(canaries)) {
      expect(canary?.length, name).toBeGreaterThan(15);
      // Whichever of the recovery codes it is.
      for (const part of canary?.split('|') ?? []) expect(text.includes(part), `${name} in ${sink}`).toBe(false);
    }
  }
  expect(codeOf(totp.secret)).toMatch(/^\d{6}$/);
});

test('T35 what somebody writes into a header or an address breaks no line of the log', async () => {
  const before = logged.length;
  await api.call('POST', '/auth/login', {
    body: { email: 'a\n{"level":"info","msg":"forged"}\u001b[31m', password: 'x\ny' },
    headers: { 'user-agent': 'x\u001b[2J"}{' },
  });
  const lines = logged.slice(before).trim().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.anything() });
  expect(lines.join('')).not.toContain('forged');
});
