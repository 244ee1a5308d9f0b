/**
 * Alpaca's streams of quotes: one of shares, one of coins. Options come in another encoding, and are asked for. Only
 * keys are accepted there, no tokens. Source: Alpaca documentation, "WebSocket Stream" of Market Data.
 */
import { z } from 'zod';
import type { Credential } from '../../broker-port/access.js';
import { type BrokerListener, BrokerUnavailable } from '../../broker-port/broker.js';
import { type AssetClass, assetClassOf } from '../../domain/instrument.js';
import { changes } from '../../wire/quotes.js';
import { type Following, keepStream, type Line, type Route, type Talk } from '../../wire/stream.js';
import { quoteOf } from './quotes.js';
import { streamedQuote } from './schemas.js';
import { toAlpacaSymbol } from './symbols.js';

const PATHS = { equity: '/v2/iex', crypto: '/v1beta3/crypto/us' } as const satisfies Partial<
  Record<AssetClass, string>
>;
type StreamedClass = keyof typeof PATHS;

const SILENCE_MS = 15_000;

/** Listens to both until it is stopped; to neither while no symbol of its kind is wanted. */
export async function followQuotes(following: Following, stop: AbortSignal): Promise<void> {
  await Promise.all([followClass('equity', following, stop), followClass('crypto', following, stop)]);
}

function followClass(assetClass: StreamedClass, following: Following, stop: AbortSignal): Promise<void> {
  const { account, baseUrl, access, listener } = following;
  const wanted = () => listener.symbols().filter((symbol) => assetClassOf(symbol) === assetClass);
  const url = streamUrl(baseUrl) + PATHS[assetClass];
  const stream = {
    ...{ account, access, listener, hasHeartbeats: false, silenceMs: SILENCE_MS },
    isWanted: () => wanted().length > 0,
    open: (credential: Credential): Route => {
      if (credential.kind !== 'keys') throw new BrokerUnavailable('Alpaca streams quotes to keys only');
      return {
        url,
        talk: (line) => new QuoteTalk(line, credential, { wanted, onQuote: (quote) => listener.onQuote(quote) }),
      };
    },
  };
  return keepStream(stream, stop);
}

const anyMessage = z.looseObject({ T: z.string(), msg: z.string().nullish(), code: z.string().nullish() });
type AnyMessage = z.infer<typeof anyMessage>;
const anyMessages = z.array(z.unknown());

class QuoteTalk implements Talk {
  private asked: ReadonlySet<string> = new Set();
  private state: 'signing_in' | 'signed_in' = 'signing_in';

  constructor(
    private readonly line: Line,
    private readonly keys: { keyId: string; secret: string },
    private readonly wants: { wanted(): readonly string[]; onQuote: BrokerListener['onQuote'] },
  ) {}

  hear(json: unknown): void {
    const heard = anyMessages.safeParse(json).data;
    if (!heard) this.line.unknown(json);
    for (const entry of heard ?? []) {
      const message = anyMessage.safeParse(entry).data;
      if (message) this.hearOne(message);
      else this.line.unknown(entry);
    }
  }

  tick(): void {
    if (this.state === 'signing_in') return;
    const wanted = new Set(this.wants.wanted());
    const { more, fewer } = changes(this.asked, wanted);
    if (more.length > 0) this.line.send({ action: 'subscribe', quotes: more.map(toAlpacaSymbol) });
    if (fewer.length > 0) this.line.send({ action: 'unsubscribe', quotes: fewer.map(toAlpacaSymbol) });
    this.asked = wanted;
  }

  private hearOne(message: AnyMessage): void {
    if (message.T === 'q') this.hearQuote(message);
    else if (message.T === 'success') this.goOn(message.msg);
    else if (message.T === 'subscription') this.line.ready();
    else if (message.T === 'error') this.hearError(message);
    else this.line.unknown(message);
  }

  private goOn(step: AnyMessage['msg']): void {
    if (step === 'connected') {
      this.line.send({ action: 'auth', key: this.keys.keyId, secret: this.keys.secret });
    } else if (step === 'authenticated') {
      this.state = 'signed_in';
      this.tick();
    }
  }

  /** 405: more symbols than the plan has. The rest is asked for. */
  private hearError({ code, msg }: AnyMessage): void {
    if (code === '405') this.line.ready();
    else this.line.giveUp(`Alpaca's quotes: ${code} ${msg ?? ''}`);
  }

  private hearQuote(message: AnyMessage): void {
    const latestQuote = streamedQuote.safeParse(message).data;
    if (!latestQuote) this.line.unknown(message);
    const symbol = [...this.asked].find((asked) => toAlpacaSymbol(asked) === latestQuote?.S);
    const quote = symbol === undefined ? undefined : quoteOf(symbol, { latestQuote });
    if (quote) this.wants.onQuote(quote);
  }
}

function streamUrl(baseUrl: string): string {
  const isAlpaca = new URL(baseUrl).hostname.endsWith('.alpaca.markets');
  return isAlpaca ? 'wss://stream.data.alpaca.markets' : baseUrl.replace(/^http/, 'ws');
}
