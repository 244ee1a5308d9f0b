/** The simulator's HTTP servers, with and without TLS. The control interface answers this machine only. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { Env } from './faults/wire.js';
import type { ServeStream } from './protocol.js';

export interface ListenOptions {
  app: Hono<Env>;
  /** web sockets by full path */
  streams: ReadonlyMap<string, ServeStream>;
  host: string;
  /** 0 for any free port */
  port: number;
  /** paths of a certificate and its key, to serve over TLS */
  tls?: { certificate: string; key: string };
}

export interface Listener {
  server: Server;
  port: number;
  close(): Promise<void>;
}

/** No client has a longer message to send. */
const LONGEST_MESSAGE_BYTES = 64 * 1024;

export async function listen({ app, streams, host, port, tls }: ListenOptions): Promise<Listener> {
  const handle = getRequestListener(app.fetch);
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (isControl(incoming) && !isFromHere(incoming)) {
      outgoing.writeHead(403).end('The control interface can be used from this machine only.');
      return;
    }
    void handle(incoming, outgoing);
  };
  const server = tls
    ? createTlsServer({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }, onRequest)
    : createServer(onRequest);
  const sockets = acceptStreams(server, streams);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  return { server, port: address.port, close: () => close(server, sockets) };
}

/** Upgrades requests for a stream's path to web sockets; every other upgrade is cut off. */
function acceptStreams(server: Server, streams: ListenOptions['streams']): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE_BYTES });
  server.on('upgrade', (incoming, connection, head) => {
    const serve = streams.get(pathOf(incoming));
    if (serve === undefined) return connection.destroy();
    sockets.handleUpgrade(incoming, connection, head, (socket) => {
      // A broken frame, or one that is too long, closes the connection; nothing more is to be done about it.
      socket.on('error', () => socket.terminate());
      serve(socket, incoming.headers);
    });
  });
  return sockets;
}

function close(server: Server, sockets: WebSocketServer): Promise<void> {
  // Unanswered requests and open streams would keep the server from closing.
  server.closeAllConnections();
  for (const socket of sockets.clients) socket.terminate();
  return new Promise((resolve) => server.close(() => resolve()));
}

function isControl(incoming: IncomingMessage): boolean {
  return pathOf(incoming).startsWith('/control');
}

function pathOf({ url = '' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').pathname;
}

/** Requests of web pages in this machine's browser are refused: they have another host name, or an Origin. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  const isLocal = /^(?:::ffff:)?127\.|^::1$/.test(address);
  const isNamedLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(headers.host ?? '');
  return isLocal && isNamedLocal && headers.origin === undefined;
}
