/** T51: nobody gives an account a new way in, or more to lose, without its owner hearing of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi, setUpTotp } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const calls: [what: string, method: string, path: string, body: object, says: RegExp[]][] = [
  ['a new token', 'POST', '/tokens', { name: 'PAY HERE', scopes: ['read'] }, [/API token was created/, /revoke it/]],
  ['a new webhook', 'POST', '/webhooks', { name: 'PAY HERE' }, [/webhook was created/, /npx arbion webhooks/]],
  ['new limits', 'PUT', '/risk/limits', { perTrade: '5000' }, [/limits .* were changed/, /perTrade: 1000 to 5000/]],
];

test.each(calls)('T51 %s is mailed, with what to do', async (_, method, path, body, says) => {
  const trader = await api.addTrader();
  const cookie = await api.logIn(trader);
  expect((await api.call(method, path, { cookie, body })).status).toBeLessThan(300);
  const mail = (await api.mailTo(trader.email)).at(-1) ?? '';
  for (const text of [...says, /If this was not you, /, /Address: 127\.0\.0\.1/]) expect(mail).toMatch(text);
  // What the other one has written is not passed on in our name.
  expect(mail).not.toContain('PAY HERE');
});

test('T51 so is each change of the second factor', async () => {
  const trader = await api.addTrader();
  const { cookie } = await setUpTotp(api.call, await api.logIn(trader));
  await api.call('POST', '/auth/totp/recovery-codes', { cookie });
  await api.call('DELETE', '/auth/totp', { cookie });
  const mails = (await api.mailTo(trader.email)).slice(-3).join('');
  for (const text of [/An authenticator was set up/, /new recovery codes/, /no longer asks/])
    expect(mails).toMatch(text);
  expect(mails.match(/If this was not you, /g)).toHaveLength(3);
});
