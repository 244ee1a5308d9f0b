/** What Coinbase's two web sockets have in common. Source: CDP documentation, "Advanced Trade WebSocket Channels". */
import { z } from 'zod';
import type { Line, Talk } from '../../wire/stream.js';
import { instant } from './schemas.js';

/** Heartbeats come every second. */
export const SILENCE_MS = 15_000;

const HOSTS = {
  'advanced-trade-ws': 'wss://advanced-trade-ws.coinbase.com',
  'advanced-trade-ws-user': 'wss://advanced-trade-ws-user.coinbase.com',
};

/** Elsewhere than at Coinbase itself everything is under one address. `baseUrl`: up to and with `/api/v3/brokerage`. */
export function socketUrl(baseUrl: string, name: keyof typeof HOSTS): string {
  const isCoinbase = new URL(baseUrl).hostname.endsWith('.coinbase.com');
  return isCoinbase ? HOSTS[name] : `${baseUrl.replace(/^http/, 'ws').replace(/\/api\/v3\/brokerage$/, '')}/${name}`;
}

const failure = z.object({ type: z.literal('error'), message: z.string() });
const envelope = z.object({
  channel: z.string(),
  timestamp: instant,
  sequence_num: z.string().regex(/^\d+$/).transform(Number).optional(),
  events: z.array(z.unknown()),
});
const subscriptions = z.object({ subscriptions: z.record(z.string(), z.unknown()) });

/** Speaks on one of the sockets. Every message has a number, so that one that was lost is noticed. */
export abstract class SocketTalk implements Talk {
  private lastNumber: number | undefined;

  constructor(
    protected readonly line: Line,
    /** what is asked for, beside heartbeats */
    private readonly channel: string,
  ) {}

  abstract begin(): void;
  /** an event of the channel; false when it is not understood */
  protected abstract hearEvent(event: unknown, at: number): boolean;
  protected abstract onSubscribed(): void;
  /** messages were lost */
  protected abstract onGap(): void;

  hear(json: unknown): void {
    const failed = failure.safeParse(json).data;
    const heard = envelope.safeParse(json).data;
    if (failed) this.line.giveUp(`Coinbase: ${failed.message}`, /authenticat/i.test(failed.message));
    else if (!heard) this.line.unknown(json);
    else this.hearEnvelope(heard);
  }

  private hearEnvelope({ channel, timestamp, sequence_num: number, events }: z.infer<typeof envelope>): void {
    this.count(number);
    if (channel === 'heartbeats') return;
    for (const event of events) if (!this.isUnderstood(channel, event, timestamp)) this.line.unknown(event);
  }

  private isUnderstood(channel: string, event: unknown, at: number): boolean {
    if (channel === this.channel) return this.hearEvent(event, at);
    const confirmed = subscriptions.safeParse(event).data;
    if (channel !== 'subscriptions' || !confirmed) return false;
    if (this.channel in confirmed.subscriptions) this.onSubscribed();
    return true;
  }

  private count(number: number | undefined): void {
    if (number === undefined) return;
    if (this.lastNumber !== undefined && number > this.lastNumber + 1) this.onGap();
    this.lastNumber = Math.max(number, this.lastNumber ?? number);
  }
}
