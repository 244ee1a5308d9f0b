/** T46: two changes of the same credential at once. Both have read it before either writes: one may count, and only one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Answer, codeOf, expectProblem, openApi, PASSWORD, setUpTotp } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const ONE = 'a quite different sentence';
const OTHER = 'and yet another sentence';

/** Everybody may read these tables and nobody may write to them until all the requests have got as far as that. */
async function atOnce(...requests: (() => Promise<Answer>)[]): Promise<Answer[]> {
  const { pool } = api.database;
  const lock = await pool.connect();
  await lock.query('BEGIN; LOCK TABLE users, password_resets, totp_secrets, recovery_codes, risk_limits IN SHARE MODE');
  const answers = requests.map((request) => request());
  await eventually(async () => {
    const waiting = await lock.query('SELECT FROM pg_locks WHERE NOT granted');
    return waiting.rowCount === requests.length;
  }, 'requests that wait to write');
  await lock.query('COMMIT');
  lock.release();
  return Promise.all(answers);
}

/** One answer of success and one 409. */
function expectOne(answers: Answer[]): void {
  const lost = answers.filter(({ status }) => status >= 400);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    expect.toSatisfy((status) => status < 300),
    409,
  ]);
  for (const answer of lost) expectProblem(answer, 409, 'conflict', 'CHANGED_MEANWHILE');
}

const logIn = (email: string, password: string) => api.call('POST', '/auth/login', { body: { email, password } });

test('T46 of two new passwords one counts', async () => {
  const trader = await api.addTrader();
  const [here, elsewhere] = [await api.logIn(trader), await api.logIn(trader)];
  const change = (cookie: string, newPassword: string) => () =>
    api.call('POST', '/auth/password', { cookie, body: { currentPassword: PASSWORD, newPassword } });
  const answers = await atOnce(change(here, ONE), change(elsewhere, OTHER));
  expectOne(answers);
  const won = answers[0]?.status === 204 ? ONE : OTHER;
  expect((await logIn(trader.email, won)).status).toBe(200);
  expect((await logIn(trader.email, won === ONE ? OTHER : ONE)).status).toBe(401);
});

test('T46 of a new password and a link from a mail one counts', async () => {
  const trader = await api.addTrader();
  const cookie = await api.logIn(trader);
  const token = (await api.dependencies.passwordResets.begin(trader.email, new Date()))?.token;
  const answers = await atOnce(
    () => api.call('POST', '/auth/password', { cookie, body: { currentPassword: PASSWORD, newPassword: ONE } }),
    () => api.call('POST', '/auth/password-reset/confirm', { body: { token, newPassword: OTHER } }),
  );
  expectOne(answers);
  expect((await logIn(trader.email, answers[0]?.status === 204 ? ONE : OTHER)).status).toBe(200);
});

test('T46 two links from mails at once: one sets its password', async () => {
  const trader = await api.addTrader();
  const begin = async () => (await api.dependencies.passwordResets.begin(trader.email, new Date()))?.token;
  const [one, other] = [await begin(), await begin()];
  const confirm = (token: unknown, newPassword: string) => () =>
    api.call('POST', '/auth/password-reset/confirm', { body: { token, newPassword } });
  expectOne(await atOnce(confirm(one, ONE), confirm(other, OTHER)));
});

test('T46 of two new authenticators one counts, and it is the one that was shown', async () => {
  const trader = await api.addTrader();
  const cookies = [await api.logIn(trader), await api.logIn(trader)];
  const answers = await atOnce(...cookies.map((cookie) => () => api.call('POST', '/auth/totp', { cookie })));
  expectOne(answers);
  const index = answers.findIndex(({ status }) => status === 200);
  const body = { code: codeOf(String(answers[index]?.json.secret)) };
  const confirmed = await api.call('POST', '/auth/totp/confirm', { cookie: cookies[index] ?? '', body });
  expect(confirmed.status).toBe(200);
});

test('T46 of two confirmations of an authenticator one counts: only its recovery codes are there', async () => {
  const trader = await api.addTrader();
  const [here, elsewhere] = [await api.logIn(trader), await api.logIn(trader)];
  const { json } = await api.call('POST', '/auth/totp', { cookie: here });
  const body = { code: codeOf(String(json.secret)) };
  const confirm = (cookie: string) => () => api.call('POST', '/auth/totp/confirm', { cookie, body });
  expectOne(await atOnce(confirm(here), confirm(elsewhere)));
  expect(await api.database.prisma.recoveryCode.count({ where: { userId: trader.userId } })).toBe(10);
});

test('T46 of two sets of recovery codes one counts', async () => {
  const trader = await api.addTrader();
  const { cookie } = await setUpTotp(api.call, await api.logIn(trader));
  const renew = () => api.call('POST', '/auth/totp/recovery-codes', { cookie });
  expectOne(await atOnce(renew, renew));
  expect(await api.database.prisma.recoveryCode.count({ where: { userId: trader.userId } })).toBe(10);
});

test('T46 an authenticator that is removed while its recovery codes are renewed leaves none behind', async () => {
  const trader = await api.addTrader();
  const { cookie } = await setUpTotp(api.call, await api.logIn(trader));
  const answers = await atOnce(
    () => api.call('DELETE', '/auth/totp', { cookie }),
    () => api.call('POST', '/auth/totp/recovery-codes', { cookie }),
  );
  expectOne(answers);
  const left = await api.database.prisma.recoveryCode.count({ where: { userId: trader.userId } });
  expect(left).toBe(answers[0]?.status === 204 ? 0 : 10);
});

test.each([{}, { perTrade: '999' }])(
  'T46 of two changes of the limits one counts, beginning with %j',
  async (first) => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const put = (body: object) => api.call('PUT', '/risk/limits', { cookie, body });
    if ('perTrade' in first) expect((await put(first)).status).toBe(200);
    const answers = await atOnce(
      () => put({ perTrade: '10' }),
      () => put({ dailyLoss: '5' }),
    );
    expectOne(answers);
    const { json } = await api.call('GET', '/risk', { token: trader.token });
    const changed = answers[0]?.status === 200 ? { perTrade: '10', dailyLoss: null } : { dailyLoss: '5' };
    expect(json.limits).toMatchObject(changed);
  },
);
