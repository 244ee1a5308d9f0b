/** What a trader does at the command line besides buying: read, move, replace, close, export. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTradingCli, type TradingCli } from './serve-cli.js';

const ESCAPE = String.fromCharCode(27);

let cli: TradingCli;
beforeAll(async () => {
  cli = await openTradingCli();
});
afterAll(() => cli.close());

/** Buys, and waits until the trade has the status. */
async function buy(command: string, status: string): Promise<string> {
  const { out, error } = await cli.arbion(`buy ${command} --json`);
  expect(error).toBe('');
  const { id } = JSON.parse(out) as { id: string };
  const now = async () => (await cli.api.call('GET', `/trades/${id}`, { token: cli.api.trader.token })).json;
  await expect.poll(async () => (await now()).status, { timeout: 15_000 }).toBe(status);
  if (status === 'open') await expect.poll(async () => (await now()).stopKind, { timeout: 15_000 }).toBe('broker');
  return id;
}

test('quotes, also in small letters; an unknown symbol is an error', async () => {
  const { code, out } = await cli.arbion('quote aapl BTC-USD');
  expect(code).toBe(0);
  expect(out).toMatch(/^symbol +bid +ask +last +as of\nAAPL +149\.99 +150\.01 +150 +2013-10-08 1[34]:/);
  expect(JSON.parse((await cli.arbion('quote AAPL --json')).out).quotes).toMatchObject([
    { symbol: 'AAPL', last: '150' },
  ]);
  expect(await cli.arbion('quote AAPL ZZZZ')).toMatchObject({ code: 1, error: 'There is no quote for ZZZZ.\n' });
});

test('the balance: accounts, and the P&L before and after fees', async () => {
  const { out } = await cli.arbion('balance');
  expect(out).toMatch(/^paper +paper-\S+ +100000 +100000 +- +\d+$/m);
  expect(out).toMatch(/^trades {2}0 open\nP&L {5}0 realised before fees, 0 after\nfees {4}0\nopen {4}0$/m);
  expect(JSON.parse((await cli.arbion('balance --json')).out)).toMatchObject({ openTrades: 0, realizedPnl: '0' });
});

test('alerts, the newest first', async () => {
  expect((await cli.arbion('alerts')).out).toBe('No alerts.\n');
  const { userId } = cli.api.trader;
  const tradeId = 'abcdef01-0000-4000-8000-000000000001';
  const alert = { userId, tradeId, severity: 1, code: 'unprotected', message: 'AAPL has no stop.', key: 'a' };
  await cli.trading.database.prisma.alert.create({ data: alert });
  expect((await cli.arbion('alerts')).out).toMatch(
    /^\d+ +\S+ \S+ +now +abcdef01 +unprotected +- +AAPL has no stop\.$/m,
  );
  const { items } = JSON.parse((await cli.arbion('alerts --json')).out);
  expect(items).toMatchObject([{ code: 'unprotected', acknowledgedAt: null }]);
  const acknowledged = await cli.arbion(`alerts acknowledge ${items[0].id} --json`);
  expect(JSON.parse(acknowledged.out).items).toMatchObject([{ acknowledgedAt: expect.any(String) }]);
  expect((await cli.arbion('alerts --new')).out).toBe('No alerts.\n');
  expect((await cli.arbion('alerts acknowledge --all')).out).toBe('No alerts.\n');
  expect((await cli.arbion('alerts acknowledge 999999')).error).toMatch(/This alert does not exist\./);
  expect((await cli.arbion('alerts acknowledge')).error).toMatch(/Give the ids of alerts, or --all\./);
  await cli.trading.database.prisma.alert.deleteMany();
});

describe('a trade', () => {
  test('has its stop and target moved', async () => {
    const id = await buy('AAPL 2 --stop 5%', 'open');
    const moved = await cli.arbion(`adjust ${id.slice(0, 8)} --stop 145 --target 170`);
    expect(moved).toMatchObject({ code: 0, error: '' });
    expect(moved.out).toMatch(/^The trade accepted the change\.\n(?:.*\n)*target {2}170$/m);
    await expect.poll(async () => (await cli.arbion(`show ${id}`)).out, { timeout: 15_000 }).toMatch(/^stop {4}145 /m);
    const without = JSON.parse((await cli.arbion(`adjust ${id} --target none --json`)).out);
    expect(without).toMatchObject({ id, takeProfitPrice: null });

    expect((await cli.arbion(`adjust ${id}`)).code).toBe(2);
    const wrong = await cli.arbion(`adjust ${id} --stop 145.001 --target 0`);
    expect([wrong.code, wrong.error]).toEqual([1, expect.stringMatching(/^takeProfitPrice: must be a price .*$/m)]);
  });

  test('that waits has its entry replaced', async () => {
    const id = await buy('AAPL 2 --limit 140 --stop 5% --time-in-force gtc', 'submitted');
    const { code, out } = await cli.arbion(`replace ${id.slice(0, 8)} --price 141 --quantity 3`);
    expect(code).toBe(0);
    expect(out).toMatch(/^order {3}buy 3 AAPL at 141 or better at paper$/m);
    expect(JSON.parse((await cli.arbion(`replace ${id} --price 142 --json`)).out)).toMatchObject({ limitPrice: '142' });
    expect((await cli.arbion(`replace ${id}`)).code).toBe(2);
  });

  test('is listed with broker, cover, and when and why it ends', async () => {
    const { out } = await cli.arbion('trades');
    expect(out).toMatch(/^id .* cover +P&L +broker +since +exit$/m);
    expect(out).toMatch(/^\S+ +open +buy +AAPL +2\/2 +150\.01 +145 +- +broker +-0\.04 +paper +\S+ \S+ +-$/m);
    const painted = await cli.arbion('trades --status open', { hasColours: true });
    expect(painted.out).toContain(`${ESCAPE}[31m-0.04${ESCAPE}[39m`);
    expect(painted.out.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).toBe(
      (await cli.arbion('trades --status open')).out,
    );
  });
});

describe('closing all', () => {
  test('asks first: without a terminal, and without a yes, nothing happens', async () => {
    const silent = await cli.arbion('close --all');
    expect([silent.code, silent.error]).toEqual([2, expect.stringMatching(/Close these 2 trades\? .*add --yes/)]);
    const no = await cli.arbion('close --all', { isTerminal: true, answer: () => '' });
    expect([no.code, no.error]).toEqual([1, expect.stringMatching(/Nothing was done\.\n$/)]);
    expect((await cli.arbion('close')).code).toBe(2);
    expect((await cli.arbion('close a1e44137 --all')).code).toBe(2);
  });

  test('closes the open ones, at a yes or with --yes', async () => {
    const { code, out } = await cli.arbion('close --all', { isTerminal: true, answer: () => 'y' });
    expect(code).toBe(0);
    expect(out.match(/ AAPL /g)).toHaveLength(2);
    await expect
      .poll(async () => (await cli.arbion('trades')).out, { timeout: 15_000 })
      .toMatch(/^\S+ +closed .*paper +\S+ \S+ +\d{4}-\d\d-\d\d \S+ manual$/m);
    await expect
      .poll(async () => JSON.parse((await cli.arbion('close --all --yes --json')).out), { timeout: 15_000 })
      .toEqual({ items: [] });
  });

  test('is seen in what the trade shows: its totals with fees', async () => {
    const { out } = await cli.arbion('trades --status closed --json');
    const [{ id }] = JSON.parse(out).items;
    const shown = (await cli.arbion(`show ${id}`)).out;
    expect(shown).toMatch(/^stop {4}145$/m);
    expect(shown).toMatch(/^P&L {5}-0\.04 realised, 0 open\nfees {4}0\ntotal {3}-0\.04 after fees$/m);
    expect(shown).toMatch(/^ended {3}\d{4}-/m);
  });
});

describe('exports', () => {
  const csv = async (command: string) => {
    const { code, out } = await cli.arbion(`export ${command} --csv`);
    expect(code).toBe(0);
    return parse(out, { columns: true }) as Record<string, string>[];
  };

  test('hold all trades, and no formulas', async () => {
    await buy('BTC-USD 0.01 --stop 2% --note =1+1', 'open');
    const rows = await csv('trades');
    expect(rows).toMatchObject([
      { symbol: 'BTC-USD', status: 'open', quantity: '0.01', note: "'=1+1" },
      { symbol: 'AAPL', quantity: '3', filledQuantity: '0' },
      { symbol: 'AAPL', status: 'closed', exitReason: 'manual', realizedPnl: '-0.04', fees: '0' },
    ]);
    expect(await csv('trades --status closed')).toHaveLength(1);
  });

  test('hold all fills, as bought or sold', async () => {
    expect(await csv('fills --symbol AAPL')).toMatchObject([
      { symbol: 'AAPL', leg: 'entry', side: 'buy', quantity: '2', price: '150.01', fee: '0' },
      { symbol: 'AAPL', leg: 'exit', side: 'sell', quantity: '2', price: '149.99', fee: '0' },
    ]);
    const { items } = JSON.parse((await cli.arbion('export fills --json')).out);
    expect(items).toHaveLength(3);
  });

  test('hold the gains of closed lots, as the form of the IRS wants them', async () => {
    const rows = await csv('gains --method lifo');
    const day = expect.stringMatching(/^\d\d\/\d\d\/\d{4}$/);
    expect(rows).toMatchObject([
      {
        'description (a)': '2 AAPL',
        'acquired (b)': day,
        'sold (c)': day,
        'proceeds (d)': '299.98',
        'cost (e)': '300.02',
      },
    ]);
    expect(rows[0]).toMatchObject({ 'code (f)': '', 'adjustment (g)': '', 'gain (h)': '-0.04', term: 'short' });
    const refused = await cli.arbion('export gains --status closed');
    expect([refused.code, refused.error]).toEqual([2, expect.stringMatching(/A lot may be closed by any trade/)]);
    expect((await cli.arbion('export gains --method best')).code).toBe(2);
  });

  test('hold the journals', async () => {
    const kinds = (await csv('journal --status closed')).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['requested', 'fill', 'protected', 'closing', 'status']));
  });

  test('go on after the first page, and leave nothing out', async () => {
    const { prisma } = cli.trading.database;
    await prisma.$executeRaw`
      INSERT INTO trades
      SELECT copy.* FROM (SELECT * FROM trades WHERE status = 'closed' LIMIT 1) AS trade,
        (SELECT 'abcd0000-0000-4000-8000-' || lpad(n::text, 12, '0') AS id FROM generate_series(1, 250) AS n) AS given,
        jsonb_populate_record(NULL::trades, to_jsonb(trade)
          || jsonb_build_object('id', given.id, 'view', trade.view || jsonb_build_object('id', given.id))) AS copy`;
    const ids = (await csv('trades')).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([253, 253]);
    await prisma.$executeRaw`DELETE FROM trades WHERE id::text LIKE 'abcd0000%'`;
  });

  test('of anything else are refused', async () => {
    expect((await cli.arbion('export orders')).code).toBe(2);
  });
});

test('halt --close-all closes, and asks first', async () => {
  expect((await cli.arbion('halt --close-all')).code).toBe(2);
  const halted = await cli.arbion('halt --close-all --yes --json');
  expect(JSON.parse(halted.out)).toMatchObject({ scope: 'user', engaged: true });
  await expect
    .poll(async () => (await cli.arbion('trades')).out, { timeout: 15_000 })
    .toMatch(/^\S+ +closed +buy +BTC-USD .* kill_switch$/m);
  expect((await cli.arbion('buy AAPL 1 --stop 5%')).code).toBe(3);
});
