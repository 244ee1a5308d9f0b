/** The simulator's sockets: loopback by default, in the clear and over TLS, with the control interface for this machine only. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Env } from './faults/wire.js';
import { WebSocketConnection } from './web-socket.js';

export interface ListenOptions {
  app: Hono<Env>;
  /** web sockets by their path */
  streams: ReadonlyMap<string, (connection: WebSocketConnection) => void>;
  host: string;
  /** 0 for any that is free */
  port: number;
  /** paths of a certificate and its key; over TLS with them */
  tls?: { certificate: string; key: string };
}

export interface Listener {
  server: Server;
  port: number;
  close(): Promise<void>;
}

export async function listen({ app, streams, host, port, tls }: ListenOptions): Promise<Listener> {
  const handle = getRequestListener(app.fetch);
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (isControl(incoming) && !isFromHere(incoming)) {
      outgoing.writeHead(403).end('The control interface is for this machine only.');
      return;
    }
    void handle(incoming, outgoing);
  };
  const server = tls
    ? createTlsServer({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }, onRequest)
    : createServer(onRequest);
  const sockets = new Set<Duplex>();
  server.on('upgrade', (incoming, socket) => {
    const serve = streams.get(pathOf(incoming));
    const connection = serve && WebSocketConnection.accept(incoming, socket);
    if (!serve || !connection) return socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(connection);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  return { server, port: address.port, close: () => close(server, sockets) };
}

function close(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  // answers that never come, and streams, would keep their connections open
  server.closeAllConnections();
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

function isControl(incoming: IncomingMessage): boolean {
  return pathOf(incoming).startsWith('/control');
}

function pathOf({ url = '' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').pathname;
}

/** A page in a browser of this machine comes from here too, but under another name, or with an Origin. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  const isLocal = /^(?:::ffff:)?127\.|^::1$/.test(address);
  const isNamedLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(headers.host ?? '');
  return isLocal && isNamedLocal && headers.origin === undefined;
}
