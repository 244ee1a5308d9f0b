/**
 * Schwab's streamer: order events of a login's accounts, and quotes of shares, on its one connection. Source: Trader API, "Streamer API".
 */

import type { BrokerAccess, Credential } from '../../broker-port/access.js';
import { type BrokerListener, BrokerUnavailable } from '../../broker-port/broker.js';
import { isSymbol } from '../../domain/instrument.js';
import { reading } from '../../wire/outcomes.js';
import { keepStream, type Line, type Route, type Talk } from '../../wire/stream.js';
import { contentOf } from './answers.js';
import type { SchwabCalls } from './calls.js';
import { readActivity } from './order-events.js';
import { LevelOneQuotes } from './quote-stream.js';
import { type StreamerInfo, userPreference } from './schemas.js';
import { type Content, type Response, readFrame } from './stream-frames.js';
import { toSchwabSymbol } from './symbols.js';

/** Heartbeats come every few seconds. */
const SILENCE_MS = 30_000;
const QUOTE_FIELDS = '0,1,2,3,34';

export interface StreamOptions {
  calls: SchwabCalls;
  access: BrokerAccess;
  /** the adapter's: an address in the clear is taken only where that one is */
  baseUrl: string;
}

export class SchwabStream {
  /** by customer, the account that holds the one connection of the login */
  private readonly holders = new Map<string, string>();

  constructor(private readonly options: StreamOptions) {}

  /**
   * Listens until it is stopped. Of several accounts of one login the first holds the connection, which reports the
   * orders of all; the others wait for their turn.
   */
  async follow(account: string, listener: BrokerListener, stop: AbortSignal): Promise<void> {
    const stream = {
      ...{ account, access: this.options.access, listener, hasHeartbeats: true, silenceMs: SILENCE_MS },
      open: async (): Promise<Route> => {
        const info = await this.streamerOf(account);
        // It may have been renewed for that.
        const { credential } = await this.options.access.open(account);
        const talk = (line: Line) => new StreamTalk(line, info, { credential, listener });
        return { url: info.streamerSocketUrl, credential, talk };
      },
    };
    try {
      await keepStream(stream, stop);
    } finally {
      for (const [customer, holder] of this.holders) if (holder === account) this.holders.delete(customer);
    }
  }

  /** @throws BrokerUnavailable */
  private async streamerOf(account: string): Promise<StreamerInfo> {
    const { calls, baseUrl } = this.options;
    const { streamerInfo } = await reading(async () =>
      contentOf(await calls.read(account, '/trader/v1/userPreference'), userPreference),
    );
    const [info] = streamerInfo;
    if (!info) throw new BrokerUnavailable('Schwab offers this login no stream');
    // The access token goes there.
    if (baseUrl.startsWith('https:') && !info.streamerSocketUrl.startsWith('wss:')) {
      throw new BrokerUnavailable('Schwab names an address for its stream that is not encrypted');
    }
    const { schwabClientCustomerId: customer } = info;
    const holder = this.holders.get(customer) ?? account;
    if (holder !== account) throw new BrokerUnavailable('another account of the login holds its one stream');
    this.holders.set(customer, account);
    return info;
  }
}

class StreamTalk implements Talk {
  private readonly quotes: LevelOneQuotes;
  private asked = '';
  private state: 'logging_in' | 'logged_in' = 'logging_in';
  private requests = 0;

  constructor(
    private readonly line: Line,
    private readonly info: StreamerInfo,
    private readonly of: { credential: Credential; listener: BrokerListener },
  ) {
    this.quotes = new LevelOneQuotes((quote) => of.listener.onQuote(quote));
  }

  begin(): void {
    const { credential } = this.of;
    if (credential.kind !== 'bearer') throw new TypeError(`Schwab takes a bearer token, not ${credential.kind}`);
    this.request('ADMIN', 'LOGIN', {
      Authorization: credential.accessToken,
      SchwabClientChannel: this.info.schwabClientChannel,
      SchwabClientFunctionId: this.info.schwabClientFunctionId,
    });
  }

  tick(): void {
    if (this.state === 'logging_in') return;
    const wanted = this.of.listener.symbols().filter((symbol) => isSymbol(symbol, 'equity'));
    const keys = [...new Set(wanted.map(toSchwabSymbol))].sort().join(',');
    if (keys === this.asked || keys === '') return;
    this.asked = keys;
    // takes the place of what was asked for before
    this.request('LEVELONE_EQUITIES', 'SUBS', { keys, fields: QUOTE_FIELDS });
  }

  hear(json: unknown): void {
    const frame = readFrame(json);
    if (!frame) {
      this.line.unknown(json);
      return;
    }
    for (const response of frame.response) this.hearResponse(response);
    for (const { content } of frame.notify) if (content) this.line.giveUp(`Schwab's stream: ${textOf(content)}`);
    for (const { service, content, timestamp } of frame.data) {
      if (service === 'ACCT_ACTIVITY') this.hearActivities(content);
      else if (service === 'LEVELONE_EQUITIES') this.hearQuotes(content, timestamp);
      else this.line.unknown({ [service]: content });
    }
  }

  private hearResponse({ service, command, content }: Response): void {
    if (service === 'ADMIN' && command === 'LOGIN') this.enter(content);
    else if (service === 'ACCT_ACTIVITY') this.listen(content);
    // A refused subscription of quotes (19: too many symbols) leaves them to be asked for.
  }

  private enter(content: Content): void {
    if (content.code !== '0') {
      this.line.giveUp(`Schwab's stream: ${textOf(content)}`, content.code === '3');
      return;
    }
    this.state = 'logged_in';
    this.request('ACCT_ACTIVITY', 'SUBS', { keys: 'Account Activity', fields: '0,1,2,3' });
    this.tick();
  }

  private listen(content: Content): void {
    if (content.code !== '0') {
      this.line.giveUp(`Schwab's order events: ${textOf(content)}`);
      return;
    }
    this.line.ready();
    this.of.listener.onListening();
  }

  private hearActivities(activities: readonly unknown[]): void {
    for (const json of activities) {
      const activity = readActivity(json);
      if (!activity) this.line.unknown(json);
      else if (activity.orderId !== undefined) this.of.listener.onOrder({ orderId: activity.orderId });
    }
  }

  private hearQuotes(quotes: readonly unknown[], timestamp: number): void {
    for (const json of quotes) if (!this.quotes.hear(json, timestamp)) this.line.unknown(json);
  }

  private request(service: string, command: string, parameters: Record<string, string>): void {
    const requestid = String(this.requests);
    this.requests += 1;
    const { schwabClientCustomerId, schwabClientCorrelId } = this.info;
    const names = { SchwabClientCustomerId: schwabClientCustomerId, SchwabClientCorrelId: schwabClientCorrelId };
    this.line.send({ requests: [{ requestid, service, command, ...names, parameters }] });
  }
}

function textOf({ code, msg }: Content): string {
  return msg ? `${code} ${msg}` : code;
}
