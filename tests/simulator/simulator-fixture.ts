import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import { type Listener, listen } from '../../src/simulator/server.js';
import { openSimulator, type RunningSimulator } from '../../src/simulator/simulator.js';
import { ManualClock, noSource, temporaryDirectory } from './exchange-fixture.js';

export const REDIRECT = 'https://arbion.example/callback';
export const CLIENT = { clientId: 'demo-client', clientSecret: 'demo-secret', redirectUris: [REDIRECT] };
export const LOGIN = { username: 'ann', password: 'pass word' };

/** Answers are looked at as JSON, whatever their shape. */
export type Body = ReturnType<typeof JSON.parse>;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

/** A simulator on a real socket, with only the prices that a test sets and a clock that it moves. */
export class TestSimulator {
  private constructor(
    readonly simulator: RunningSimulator,
    private readonly listener: Listener,
    readonly clock: ManualClock,
    readonly directory: string,
  ) {}

  static async start(
    directory = temporaryDirectory(),
    clock = new ManualClock(),
    { hasLags = false, hasUnrelated = true } = {},
  ): Promise<TestSimulator> {
    const options = { directory, source: noSource, wall: clock.now, keepsRateLimits: false, hasLags, hasUnrelated };
    const simulator = openSimulator(options);
    const listener = await listen({ ...simulator, host: '127.0.0.1', port: 0 });
    return new TestSimulator(simulator, listener, clock, directory);
  }

  get url(): string {
    return `http://127.0.0.1:${this.listener.port}`;
  }

  /** Its ledger file goes with it. */
  async close(): Promise<void> {
    await this.listener.close();
    await this.simulator.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async call(
    method: string,
    path: string,
    options: { headers?: Record<string, string>; json?: unknown; form?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { headers = {}, json, form } = options;
    const answer = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
  }

  /** A call of the control interface that has to succeed. */
  async control(path: string, json: unknown): Promise<Body> {
    const answer = await this.call('POST', `/control/${path}`, { json });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.body;
  }

  async ledger(): Promise<Body> {
    return (await this.call('GET', '/control/ledger')).body;
  }

  async fault(kind: string, operation = '*', more: object = { count: 1 }): Promise<void> {
    await this.control('faults', { kind, operation, ...more });
  }

  /** How many calls and events the latest planned fault has been applied to. */
  async hits(): Promise<number> {
    const { body } = await this.call('GET', '/control/faults');
    return body.items.at(-1).hits;
  }

  async market(symbol: string, bid: string, ask: string, more: object = {}): Promise<void> {
    await this.control('market', { symbol, bid, ask, ...more });
  }

  async open(broker: string, more: object = {}): Promise<Body> {
    return await this.control('accounts', { broker, cash: '100000', login: LOGIN, clients: [CLIENT], ...more });
  }
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
