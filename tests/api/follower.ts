/** A client of the stream of journals, as a browser is one. */
import { expect, vi } from 'vitest';
import { PUBLIC_URL, type TestApi, type TestTrader } from './harness.js';

export interface Seen {
  id: string;
  tradeId: string;
}

export interface Follower {
  /** what has come, in order */
  seen(): Seen[];
  /** Waits for so many events, leaves, and returns all. */
  read(count: number): Promise<Seen[]>;
  leave(): Promise<void>;
}

/** Opens a stream. Everything that is written afterwards is in it. */
export async function openFollower(
  { app }: Pick<TestApi, 'app'>,
  { token }: TestTrader,
  lastEventId?: string,
): Promise<Follower> {
  const controller = new AbortController();
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const response = await app.request(`${PUBLIC_URL}/api/v1/stream`, { headers, signal: controller.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reading = (async () => {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value;
  })();
  const seen = (): Seen[] =>
    [...text.matchAll(/^event: trade\ndata: (.*)\nid: (\d+)\n\n/gm)].map(([, data = '', id = '']) => ({
      id,
      tradeId: JSON.parse(data).tradeId,
    }));
  const leave = async () => {
    await reader?.cancel();
    controller.abort();
    await reading;
  };
  return {
    seen,
    leave,
    read: async (count) => {
      await vi.waitUntil(() => seen().length >= count, { timeout: 30_000 });
      await leave();
      return seen();
    },
  };
}
