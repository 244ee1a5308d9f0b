import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A door in front of a server that a test can shut and open again: what an outage looks like from outside. */
export interface TcpProxy {
  port: number;
  shut(): Promise<void>;
  /** Takes everything in and lets nothing through, as a server that hangs; `open` breaks what was held. */
  hold(): Promise<void>;
  open(): Promise<void>;
}

/** `watch` is called with each new connection to the server. */
export async function tcpProxy(
  target: { host: string; port: number },
  watch: (upstream: Socket) => void = () => {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const keep = (client: Socket) => {
    sockets.add(client);
    client.on('error', () => {}).on('close', () => sockets.delete(client));
  };
  const accept = (client: Socket) => {
    const upstream = connect(target.port, target.host);
    watch(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  };
  let server: Server = createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shut = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    shut,
    hold: async () => {
      server.off('connection', accept).on('connection', keep);
      for (const socket of sockets) socket.unpipe().pause();
    },
    open: async () => {
      await shut();
      server = createServer(accept);
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
