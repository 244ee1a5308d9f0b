import type { Hono } from 'hono';
import type { BrokerName } from './exchange/accounts.js';
import type { Exchange } from './exchange/exchange.js';
import type { FaultPlan } from './faults/fault-plan.js';
import type { Env } from './faults/wire.js';
import type { WebSocketConnection } from './web-socket.js';

/** What all protocols share. */
export interface Simulator {
  exchange: Exchange;
  faults: FaultPlan;
  /** whether the brokers' published limits of calls are kept; a load test does not want them */
  keepsRateLimits: boolean;
}

/** One broker's way of speaking. */
export interface Protocol {
  broker: BrokerName;
  /** served under `/<broker>` */
  routes: Hono<Env>;
  /** web sockets, by their path behind the prefix */
  streams?: Readonly<Record<string, (connection: WebSocketConnection) => void>>;
  newAccountId(): string;
  /** what a program signs in with to a new account, where the broker gives that out without OAuth */
  newCredentials?(account: string): Readonly<Record<string, string>>;
}
