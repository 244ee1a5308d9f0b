/** A client that listens to a stream: what it is told goes through the planned faults, as answers to calls do. */
import type { ExchangeOrder } from './exchange/orders.js';
import type { CallFacts, PlannedFault } from './faults/fault-plan.js';
import type { Simulator } from './protocol.js';
import type { WebSocketConnection } from './web-socket.js';

export class StreamLine {
  private silentUntil = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly connection: WebSocketConnection,
    private readonly kind: 'text' | 'binary' = 'text',
  ) {}

  /** Answers and heartbeats: no fault is drawn for them, but a silent connection tells nothing. */
  send(json: object): void {
    this.write(JSON.stringify(json));
  }

  /** The fault that befalls the next message of this kind; news are drawn for before they are made. */
  draw(facts: CallFacts): PlannedFault | undefined {
    return this.simulator.faults.draw(facts);
  }

  /** Tells news once they are on the disk, unless the fault befalls them. */
  async tell(json: object, fault: PlannedFault | undefined): Promise<void> {
    await this.simulator.exchange.records.flushed();
    const text = JSON.stringify(json);
    if (fault?.kind === 'disconnect') return this.cut();
    if (fault?.kind === 'timeout_before') return this.fallSilent(fault.seconds);
    this.write(fault?.kind === 'malformed' ? text.slice(0, text.length / 2) : text);
    if (fault?.kind === 'duplicate_delivery') this.write(text);
  }

  cut(): void {
    this.connection.cut();
  }

  /** After all that was said has been sent. */
  end(): void {
    this.connection.end();
  }

  private fallSilent(seconds: number | undefined): void {
    if (seconds !== undefined) this.silentUntil = Date.now() + seconds * 1_000;
  }

  private write(text: string): void {
    if (Date.now() >= this.silentUntil) this.connection.send(text, this.kind);
  }
}

/** What faults can be aimed at in news of an order. */
export function factsOfEvent({ broker, account, state }: ExchangeOrder): CallFacts {
  const side = state.side.startsWith('buy') ? 'buy' : 'sell';
  return { broker, operation: 'stream', account, symbol: state.symbol, side };
}
