/** One client's connection to a stream. Events pass through the planned faults on their way to it, as answers to calls do. */
import { decode, encode } from '@msgpack/msgpack';
import type { RawData, WebSocket } from 'ws';
import type { ExchangeOrder } from './exchange/orders.js';
import type { CallFacts, PlannedFault } from './faults/fault-plan.js';
import type { Simulator } from './protocol.js';

/** How messages are written: as JSON in text or binary frames, or packed. */
export type Frames = 'text' | 'binary' | 'msgpack';

export class StreamConnection {
  private silentUntil = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly socket: WebSocket,
    private readonly frames: Frames = 'text',
  ) {}

  /** Passes on what each message of the client says; undefined stands for one that cannot be read. */
  onMessage(receive: (json: unknown) => void): void {
    this.socket.on('message', (data) =>
      receive(this.frames === 'msgpack' ? unpacked(data) : parseJson(data.toString())),
    );
  }

  onClose(listener: () => void): void {
    this.socket.on('close', listener);
  }

  /** Sends an answer or a heartbeat. No fault is drawn for these, but a connection that has gone silent sends nothing. */
  send(json: object): void {
    this.write(this.packed(json));
  }

  /** Draws the fault for the next event of this kind, before the event is built, since the fault can change it. */
  drawFault(facts: CallFacts): PlannedFault | undefined {
    return this.simulator.faults.draw(facts);
  }

  /** Sends an event once it is on the disk, with the fault applied. */
  async sendEvent(json: object, fault: PlannedFault | undefined): Promise<void> {
    await this.simulator.exchange.records.flushed();
    const message = this.packed(json);
    if (fault?.kind === 'disconnect') return this.cut();
    if (fault?.kind === 'timeout_before') return this.fallSilent(fault.seconds);
    this.write(fault?.kind === 'malformed' ? message.slice(0, message.length / 2) : message);
    if (fault?.kind === 'duplicate_delivery') this.write(message);
  }

  /** Ends the connection at once, without a closing handshake. */
  cut(): void {
    this.socket.terminate();
  }

  /** Closes the connection normally (1000), after everything that was sent before. */
  close(): void {
    this.socket.close(1_000);
  }

  private fallSilent(seconds: number | undefined): void {
    if (seconds !== undefined) this.silentUntil = Date.now() + seconds * 1_000;
  }

  private packed(json: object): string | Uint8Array {
    return this.frames === 'msgpack' ? encode(json) : JSON.stringify(json);
  }

  private write(message: string | Uint8Array): void {
    if (Date.now() >= this.silentUntil) this.socket.send(message, { binary: this.frames !== 'text' });
  }
}

/** What a fault for an order's event can be aimed at. */
export function callFactsOf({ broker, account, state }: ExchangeOrder): CallFacts {
  const side = state.side.startsWith('buy') ? 'buy' : 'sell';
  return { broker, operation: 'stream', account, symbol: state.symbol, side };
}

function unpacked(data: RawData): unknown {
  try {
    return decode(Array.isArray(data) ? Buffer.concat(data) : data);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
