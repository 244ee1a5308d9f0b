import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/** A port of this machine that is free at the moment. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('This machine has no free port.');
  return port;
}

/** Whether a server could listen there now. */
export async function isPortFree(port: number, address = loopback): Promise<boolean> {
  return (await listenOnce(port, address)) !== undefined;
}

/** Listens for a moment and returns the port, or undefined when it is in use or the address is not of this machine. */
function listenOnce(port: number, host = loopback): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
