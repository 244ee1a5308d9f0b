import type { IncomingHttpHeaders } from 'node:http';
import type { Hono } from 'hono';
import type { WebSocket } from 'ws';
import type { BrokerName } from './exchange/accounts.js';
import type { Exchange } from './exchange/exchange.js';
import type { FaultPlan } from './faults/fault-plan.js';
import type { Env } from './faults/wire.js';

/** What all protocols share. */
export interface Simulator {
  exchange: Exchange;
  faults: FaultPlan;
  /** whether the brokers' published rate limits are enforced; load tests turn them off */
  keepsRateLimits: boolean;
  /** whether lists of orders show the state of up to 2 s ago, and positions that of up to 10 s ago */
  hasLags: boolean;
  /** whether every account also holds, and has entered, what Arbion never trades: a spread, a bond, a staked coin */
  hasUnrelated: boolean;
}

/** Serves one client of a stream, from the open web socket until it closes. `headers`: of the request that opened it. */
export type ServeStream = (socket: WebSocket, headers: IncomingHttpHeaders) => void;

/** One broker's wire protocol. */
export interface Protocol {
  broker: BrokerName;
  /** served under `/<broker>` */
  routes: Hono<Env>;
  /** web sockets by path, without the broker's prefix */
  streams?: Readonly<Record<string, ServeStream>>;
  newAccountId(): string;
  /** the keys with which a program signs in to a new account, at brokers that issue keys without OAuth */
  newCredentials?(account: string): Readonly<Record<string, string>>;
}
