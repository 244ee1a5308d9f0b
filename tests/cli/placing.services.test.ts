/** Placing trades at the command line by size, what is asked before, and previews. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTradingCli, type TradingCli } from './serve-cli.js';

let cli: TradingCli;
beforeAll(async () => {
  cli = await openTradingCli();
});
afterAll(() => cli.close());

const trades = () => cli.trading.database.prisma.trade.count();

test('a preview says what the trade would be, and places none', async () => {
  const { code, out } = await cli.arbion('preview buy AAPL 4 --stop 5% --target 10%');
  expect([code, await trades()]).toEqual([0, 0]);
  expect(out).toBe(
    [
      'order       buy 4 AAPL',
      'price       150.01',
      'value       600.04',
      'stop        142.5, a loss of 30.04',
      'target      165.02',
      'market      regular',
      'per trade   600.04 of 1000',
      'per day     600.04 of 10000',
      'in a symbol 600.04 of 20000',
      'power left  99399.96',
      '',
    ].join('\n'),
  );
  const refused = await cli.arbion('preview buy AAPL 8 --stop 30%');
  expect(refused.out).toMatch(/^refused +This trade is worth \$1,?200\.08; your limit per trade is \$1,?000/m);
  expect(refused.out).toMatch(/^must be confirmed +The stop of AAPL is at 30 % away/m);
});

test('dollars and risk become a quantity, which is said before it is sent', async () => {
  const inDollars = await cli.arbion('buy AAPL --dollars 500 --stop 5% --json');
  expect(inDollars.error).toBe('That is 3 AAPL at about 150.01: 450.03 dollars, 22.53 lost at a stop of 142.5.\n');
  expect(JSON.parse(inDollars.out)).toMatchObject({ quantity: '3' });
  const inRisk = await cli.arbion('buy AAPL --risk 0.02% --stop 5% --json');
  expect(JSON.parse(inRisk.out)).toMatchObject({ quantity: '2' });
  expect(await cli.arbion('buy AAPL 1 --dollars 500 --stop 5%')).toMatchObject({
    code: 2,
    error: 'Give a quantity, --dollars or --risk, and only one of them.\n',
  });
});

test('a command with a key of its own places one trade, and a repeat answers with it', async () => {
  const before = await trades();
  for (const command of ['buy AAPL --dollars 300 --stop 30% --yes', 'buy AAPL 1 --stop 5%']) {
    const key = `key-${command.length}`;
    const [first, again] = [
      await cli.arbion(`${command} --key ${key} --json`),
      await cli.arbion(`${command} --key ${key} --json`),
    ];
    expect([first.code, again.code]).toEqual([0, 0]);
    expect(JSON.parse(again.out).id).toBe(JSON.parse(first.out).id);
  }
  expect(await trades()).toBe(before + 2);
});

test('a stop that is meant as a percentage is asked about, and placed only after a yes', async () => {
  const before = await trades();
  const command = 'buy AAPL 1 --stop 2 --json';
  const alone = await cli.arbion(command);
  expect(alone).toMatchObject({ code: 2, out: '' });
  expect(alone.error).toMatch(/98\.7 % from 150\.01.*\nFor a stop 2 % away write --stop 2%\.\n.*add --yes\.\n$/);
  expect(await cli.arbion(command, { isTerminal: true, answer: () => 'n' })).toMatchObject({ code: 1, out: '' });
  expect(await trades()).toBe(before);
  const asked = await cli.arbion(command, { isTerminal: true, answer: () => 'y' });
  expect(JSON.parse(asked.out)).toMatchObject({ stopPrice: '2' });
  expect((await cli.arbion(`${command} --yes`)).code).toBe(0);
  expect(await trades()).toBe(before + 2);
});
