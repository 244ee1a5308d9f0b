import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Body } from './simulator-fixture.js';

/** A client of a stream that keeps everything it receives until the test is over. */
export interface StreamClient {
  seen: Body[];
  send(json: object): void;
  /** Resolves when everything that was sent so far has arrived, in both directions. */
  drained(): Promise<void>;
  isClosed(): boolean;
  close(): void;
}

export async function streamClient(url: string): Promise<StreamClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'));
  const seen: Body[] = [];
  socket.on('message', (data) => seen.push(bodyOf(data.toString())));
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    seen,
    send: (json) => socket.send(JSON.stringify(json)),
    drained: () =>
      new Promise((resolve) => {
        socket.once('pong', () => resolve());
        socket.ping();
      }),
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    close: () => socket.terminate(),
  };
}

function bodyOf(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return `no JSON: ${text.length}`;
  }
}
