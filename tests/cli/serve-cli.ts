/** The command line against a served API, as a person types it. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpServer } from '../../src/api/http/http-server.js';
import type { CliStreams } from '../../src/cli/context.js';
import { runCli } from '../../src/cli/program.js';
import { apiOn, NOON, PASSWORD, PRICES, PUBLIC_URL, type TestApi } from '../api/harness.js';
import { openTrading, type Trading } from '../support/trading.js';

interface Said {
  code: number;
  out: string;
  error: string;
}

interface Person extends Omit<Partial<CliStreams>, 'ask'> {
  env?: NodeJS.ProcessEnv;
  /** sees what the command says beside its answer, and answers its question */
  answer?: (shown: string) => string | Promise<string>;
}

export interface ServedCli {
  url: string;
  home: string;
  /** The words are separated by blanks; a text with blanks goes into an array. */
  arbion(command: string | string[], person?: Person): Promise<Said>;
  close(): Promise<void>;
}

export interface TradingCli extends ServedCli {
  api: TestApi;
  trading: Trading;
}

/** The command line, an API, and a worker that trades on paper at noon. */
export async function openTradingCli(): Promise<TradingCli> {
  const trading = await openTrading({ prices: PRICES });
  await trading.goTo(NOON);
  const api = await apiOn({ database: trading.database, paper: trading.broker, temporal: trading.client });
  const cli = await serveCli(api);
  const close = async () => {
    await cli.close();
    await trading.close();
  };
  return { ...cli, api, trading, close };
}

/** Acts for the API's trader. */
export async function serveCli(api: TestApi): Promise<ServedCli> {
  const server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = await mkdtemp(join(tmpdir(), 'arbion-cli-'));
  const usual = { ARBION_HOME: home, ARBION_URL: url, ARBION_TOKEN: api.trader.token, ARBION_PASSWORD: PASSWORD };
  const arbion: ServedCli['arbion'] = async (command, { env, answer, ...streams } = {}) => {
    const said = { out: '', error: '' };
    const code = await runCli(typeof command === 'string' ? command.split(' ') : command, env ?? usual, {
      out: (text) => {
        said.out += text;
      },
      error: (text) => {
        said.error += text;
      },
      ask: async () => {
        if (!answer) throw new Error('nothing is asked here');
        return answer(said.error);
      },
      ...streams,
    });
    return { code, ...said };
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await rm(home, { recursive: true, force: true });
  };
  return { url, home, arbion, close };
}
