import type { IncomingHttpHeaders } from 'node:http';
import type { Frames } from '../stream-connection.js';

/**
 * Alpaca's streams speak MessagePack to a client that asks for it with its `Content-Type`. Times are time stamps there.
 * Source: docs.alpaca.markets, "WebSocket Streaming"; alpacahq/alpaca-py, alpaca/data/live/websocket.py.
 */
export function framesFor(headers: IncomingHttpHeaders, otherwise: Frames): Frames {
  return headers['content-type'] === 'application/msgpack' ? 'msgpack' : otherwise;
}
