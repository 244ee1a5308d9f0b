/** The command line against a served API with a worker behind it: what people type, read, and get as exit codes. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { runCli } from '../../src/cli/program.js';
import { apiOn, NOON, PASSWORD, PRICES, type TestApi } from '../api/harness.js';
import { openTrading, type Trading } from '../support/trading.js';

let trading: Trading;
let api: TestApi;
let server: Server;
let home: string;
let url: string;
beforeAll(async () => {
  trading = await openTrading({ prices: PRICES });
  await trading.goTo(NOON);
  api = await apiOn({ database: trading.database, paper: trading.broker, temporal: trading.client });
  server = createHttpServer(api.app, 'http://localhost:8000');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(join(tmpdir(), 'arbion-cli-'));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await trading.close();
  await rm(home, { recursive: true, force: true });
});

async function arbion(command: string, env: NodeJS.ProcessEnv = { ARBION_URL: url, ARBION_TOKEN: api.trader.token }) {
  let [out, error] = ['', ''];
  const code = await runCli(
    command.split(' '),
    { ARBION_HOME: home, ...env },
    {
      out: (text) => {
        out += text;
      },
      error: (text) => {
        error += text;
      },
      ask: () => Promise.reject(new Error('nothing is asked here')),
    },
  );
  return { code, out, error };
}

test('a trade from buy to close', async () => {
  const bought = await arbion('buy AAPL 2 --stop 5% --target 170 --note by-hand');
  expect(bought).toMatchObject({ code: 0, error: '' });
  expect(bought.out).toMatch(/^Accepted by the risk check\.\nid {6}[0-9a-f-]{36}$/m);
  const id = /^id {6}(\S+)$/m.exec(bought.out)?.[1] ?? '';

  await expect.poll(async () => (await arbion(`show ${id}`)).out, { timeout: 15_000 }).toMatch(/protected/);
  const shown = await arbion(`show ${id}`);
  expect(shown.out).toMatch(/^status {2}open$/m);
  expect(shown.out).toMatch(/^stop {4}142\.5 \(broker\)$/m);
  expect(shown.out).toMatch(/fill +.*price 150\.01/);
  const short = id.slice(0, 8);
  expect((await arbion(`show ${short}`)).out).toBe(shown.out);
  expect((await arbion('trades --status open')).out).toMatch(
    new RegExp(`^${short} +open +buy +AAPL +2/2 +150\\.01`, 'm'),
  );
  expect((await arbion('positions')).out).toMatch(/^paper +AAPL +2 +150\.01 +149\.99 +299\.98 +-0\.04$/m);

  const watching = arbion(`watch ${short}`);
  expect((await arbion(`close ${short}`)).out).toMatch(/^The trade accepted the command: close\./);
  const watched = await watching;
  expect(watched.code).toBe(0);
  expect(watched.out).toMatch(/closing.*\n(?:.*\n)*.*status +status closed/);
  expect(watched.out).toMatch(/^exit {4}149\.99 \(manual\)$/m);
});

test('sell opens a short', async () => {
  const sold = await arbion('--json sell AAPL 1 --stop 155');
  expect(JSON.parse(sold.out)).toMatchObject({ side: 'sell_short', symbol: 'AAPL' });
  expect((await arbion('sell --help')).out).toMatch(/Opens a short position/);
});

test('the same key buys once', async () => {
  const one = await arbion('buy BTC-USD 0.01 --stop 2% --key once --json');
  const other = await arbion('buy BTC-USD 0.01 --stop 2% --key once --json');
  expect(JSON.parse(one.out)).toMatchObject({ assetClass: 'crypto' });
  expect(other.out).toBe(one.out);
});

test('--json is the answer and nothing else', async () => {
  for (const command of ['trades', 'positions', 'brokers']) {
    const { out } = await arbion(`${command} --json`);
    expect(JSON.parse(out)).toHaveProperty('items');
  }
});

describe('errors say what to do, and exit codes what happened', () => {
  test('a refusal by a limit is 3, with its figures', async () => {
    const { code, error } = await arbion('buy AAPL 10 --stop 5%');
    expect(code).toBe(3);
    expect(error).toMatch(/code PER_TRADE_LIMIT, limit 1000, used 0, attempted 1500\.1/);
  });

  test('a wrong value is 1, and named', async () => {
    const { code, error } = await arbion('buy AAPL 2 --stop 160');
    expect(code).toBe(1);
    expect(error).toMatch(/stopLoss\.price: must be below the market price/);
  });

  test.each(['buy AAPL 2', 'buy AAPL 2 --stop 5% --trail 3%', 'buy aapl! 2 --stop 5%', 'buy', 'nothing', 'show'])(
    'wrong use is 2: arbion %s',
    async (command) => {
      const { code, error } = await arbion(command);
      expect(code).toBe(2);
      expect(error).not.toBe('');
    },
  );

  test('a trade that there is not is 1', async () => {
    const { code, error } = await arbion('show 00000000-0000-4000-8000-000000000000');
    expect([code, error]).toEqual([1, expect.stringMatching(/^This trade does not exist\./)]);
  });

  test('an id that is cut too short, or fits no trade or several, does nothing', async () => {
    const badlyCut = await arbion('close a1e');
    expect([badlyCut.code, badlyCut.error]).toEqual([2, expect.stringMatching(/^a1e is not a trade id: /)]);
    const unknown = await arbion('close 0000');
    expect([unknown.code, unknown.error]).toEqual([
      1,
      expect.stringMatching(/^You have no trade whose id begins with/),
    ]);
    const twins = ['abcd0000-0000-4000-8000-000000000001', 'abcd0000-0000-4000-8000-000000000002'];
    const { prisma } = trading.database;
    for (const id of twins) {
      await prisma.$executeRaw`
        INSERT INTO trades
        SELECT twin.* FROM (SELECT * FROM trades WHERE status = 'closed' LIMIT 1) AS trade,
          jsonb_populate_record(NULL::trades, to_jsonb(trade)
            || jsonb_build_object('id', ${id}::text, 'view', trade.view || jsonb_build_object('id', ${id}::text))) AS twin`;
    }
    const ambiguous = await arbion('cancel ABCD0000-0000');
    expect([ambiguous.code, ambiguous.error]).toEqual([2, expect.stringMatching(/fits several trades/)]);
    for (const id of twins) expect(ambiguous.error).toMatch(new RegExp(`^  ${id} +\\w+ +\\w+ +AAPL$`, 'm'));
    const { out } = await arbion('trades');
    for (const id of twins) expect(out).toMatch(new RegExp(`^${id} `, 'm'));
    await prisma.trade.deleteMany({ where: { id: { in: twins } } });
  });

  test('no answer is 4', async () => {
    const { code, error } = await arbion('trades', { ARBION_URL: 'http://127.0.0.1:1', ARBION_TOKEN: 'x' });
    expect([code, error]).toEqual([4, expect.stringMatching(/does not answer.*npm start/)]);
  });

  test('without a log-in it says how to get one', async () => {
    const { code, error } = await arbion('trades', {});
    expect([code, error]).toEqual([2, expect.stringMatching(/arbion login/)]);
  });

  test('help is 0', async () => {
    const { code, out } = await arbion('--help');
    expect(code).toBe(0);
    for (const command of [
      'login',
      'buy',
      'sell',
      'trades',
      'show',
      'watch',
      'cancel',
      'close',
      'positions',
      'brokers',
    ]) {
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });
});

test('login keeps a token that only its owner can read, and no password', async () => {
  const env = { ARBION_PASSWORD: PASSWORD };
  const loggedIn = await arbion(`login --url ${url} --email ${api.trader.email}`, env);
  expect(loggedIn).toMatchObject({ code: 0, error: '' });
  const path = join(home, 'login.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).not.toContain(PASSWORD);
  expect((await arbion('brokers', {})).out).toMatch(/^paper +active/m);
  const wrong = await arbion(`login --url ${url} --email ${api.trader.email}`, { ARBION_PASSWORD: 'wrong' });
  expect([wrong.code, wrong.error]).toEqual([
    1,
    expect.stringMatching(/^The e-mail address, the password or the code is wrong\./),
  ]);
});
