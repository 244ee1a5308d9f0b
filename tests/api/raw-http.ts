import { connect } from 'node:net';

/** Sends bytes as they are and answers what came back until the server closed, or `undefined` when it never did. */
export function sendRaw(port: number, bytes: string, { timeoutMs = 5_000 } = {}): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(received === '' ? undefined : received);
    }, timeoutMs);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses may close while we still write.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

export function statusOf(answer: string | undefined): number | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer ?? '')?.[1];
  return status === undefined ? undefined : Number(status);
}
