/** What is recorded of who did what from where, and how the command line proves it. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.js';
import { auditHead, headText, verifyAuditChain } from '../../src/storage/audit-chain.js';
import { expectProblem, openApi, PASSWORD } from '../api/harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const BROWSER = { 'user-agent': 'Firefox\u00e9' };
const FROM = { address: '127.0.0.1', userAgent: 'Firefox?' };

async function recordedOf(actor: string) {
  const rows = await api.database.prisma.auditEvent.findMany({ where: { actor }, orderBy: { position: 'asc' } });
  return rows.map(({ action, subject, detail }) => ({ action, subject, detail }));
}

async function arbion(command: string) {
  const said = { out: '', error: '' };
  const code = await runCli(
    command.split(' '),
    { DATABASE_URL: api.database.url, ARBION_HOME: '/nowhere' },
    {
      out: (text) => {
        said.out += text;
      },
      error: (text) => {
        said.error += text;
      },
      ask: () => Promise.reject(new Error('nothing is asked here')),
    },
  );
  return { code, ...said };
}

test('sign-ins, and what changes credentials and limits, with where it came from', async () => {
  const trader = await api.addTrader();
  const call = (method: string, path: string, more: object = {}) =>
    api.call(method, path, { headers: { ...BROWSER, origin: 'http://localhost:8000' }, ...more });
  await call('POST', '/auth/login', { body: { email: trader.email, password: `${PASSWORD}x` } });
  const answer = await call('POST', '/auth/login', { body: { email: trader.email, password: PASSWORD } });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  await call('POST', '/tokens', { cookie, body: { name: 'x', scopes: ['read'] } });
  await call('PUT', '/risk/limits', { cookie, body: { perTrade: '123' } });
  await call('POST', '/risk/kill-switch', { cookie, body: { engaged: true, reason: 'going on holiday' } });
  const recorded = await recordedOf(trader.userId);
  expect(recorded.map(({ action }) => action)).toEqual([
    'authn_login_success',
    'authn_token_created',
    'risk_limits_changed',
    'kill_switch_changed',
  ]);
  for (const { detail } of recorded) expect(detail).toMatchObject(FROM);
  expect(recorded[2]?.detail).toMatchObject({ before: { perTrade: '1000' }, after: { perTrade: '123' } });
  expect(recorded[3]?.detail).toMatchObject({ reason: 'going on holiday' });
  const failures = (await recordedOf('unknown')).filter(({ action }) => action === 'authn_login_fail');
  expect(failures).toEqual([
    {
      action: 'authn_login_fail',
      subject: null,
      detail: { ...FROM, account: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
  ]);
});

test('denials: a token beyond its scopes, a page of another site, a role too low, once a minute by route', async () => {
  const trader = await api.addTrader({ scopes: ['read'] });
  const cookie = await api.logIn(trader);
  const kill = { body: { engaged: true } };
  for (let repeat = 0; repeat < 5; repeat++) {
    expectProblem(
      await api.call('POST', '/risk/kill-switch', { token: trader.token, ...kill }),
      403,
      'insufficient-scope',
    );
  }
  const evil = { origin: 'https://evil.example' };
  expectProblem(await api.call('POST', '/risk/kill-switch', { cookie, headers: evil, ...kill }), 403, 'csrf-rejected');
  expectProblem(await api.call('GET', '/admin/users', { cookie }), 403, 'forbidden');
  const denied = (await recordedOf(trader.userId)).filter(({ action }) => action === 'authz_fail');
  expect(denied).toEqual(
    [
      ['POST /api/v1/risk/kill-switch', 'insufficient-scope', 'token'],
      ['POST /api/v1/risk/kill-switch', 'csrf-rejected', 'session'],
      ['GET /api/v1/admin/users', 'forbidden', 'session'],
    ].map(([subject, why, via]) => ({
      action: 'authz_fail',
      subject,
      detail: { why, via, address: '127.0.0.1', userAgent: null },
    })),
  );
});

test('a flood adds one row, not as many as it has requests', async () => {
  const small = await openApi({
    rateLimits: {
      loginPerMinute: 100,
      failuresPerAccount: 3,
      registerPerHour: 1,
      anonymousPerHour: 5,
      anonymousPerDay: 5,
      userPerMinute: 100,
      webhookPerMinute: 100,
      failedSignalsPerMinute: 100,
    },
  });
  for (let count = 0; count < 20; count++) {
    await small.call('GET', '/trades');
    await small.call('POST', '/auth/login', { body: { email: 'nobody@example.test', password: PASSWORD } });
  }
  const rows = await small.database.prisma.auditEvent.groupBy({ by: ['action', 'subject'], _count: true });
  const counts = Object.fromEntries(rows.map(({ action, subject, _count }) => [`${action} ${subject}`, _count]));
  expect(counts).toEqual({
    'authn_login_fail null': 3,
    'authn_login_fail_max null': 1,
    'excess_rate_limit_exceeded GET /api/v1/trades': 1,
    'excess_rate_limit_exceeded POST /api/v1/auth/login': 1,
  });
  await small.close();
}, 60_000);

test('T40 `arbion audit-trail` proves the record, and names the row that is not as it was written', async () => {
  const { prisma, ownerUrl } = api.database;
  const head = await auditHead(prisma);
  if (!head) throw new Error('nothing is recorded yet');
  const good = await arbion(`audit-trail --expect ${headText(head)}`);
  expect(good).toMatchObject({
    code: 0,
    out: `All ${head.position} rows are intact, up to ${headText(head)}.\n`,
  });
  expect(await arbion('audit-trail --expect nonsense')).toMatchObject({ code: 2 });

  const { id } = await prisma.auditEvent.findUniqueOrThrow({ where: { position: 2 } });
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await owner.query(`UPDATE audit_events SET actor = 'somebody else' WHERE id = ${id}`);
  await owner.end();
  const tampered = await arbion('--json audit-trail');
  expect(tampered).toMatchObject({ code: 1, error: expect.stringContaining(`row ${id}`) });
  expect(JSON.parse(tampered.out)).toMatchObject({ rows: 1, broken: { kind: 'changed', id: String(id) } });
  expect((await verifyAuditChain(prisma)).broken).toMatchObject({ id: String(id) });
});
