/** What is answered on a connection when there is no request that a handler could be given. */
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Node's own choice of statuses for what its parser refuses; anything else is a 400. */
const STATUS_OF: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

interface Unhandled {
  headers: Record<string, string>;
  /** for CONNECT, which no path has */
  allow: readonly string[];
}

/** Node would answer these by itself, without the headers that every answer has. */
export function answerUnhandled(server: Server, { headers, allow }: Unhandled): void {
  const underWay = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (incoming, outgoing) => underWay.set(incoming.socket, outgoing));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = underWay.get(socket);
    // Behind the beginning of another answer this one would be taken for a part of it.
    const isInAnother = answer?.headersSent === true && !answer.writableFinished;
    if (socket.writable && !isInAnother) socket.write(head(STATUS_OF[error.code ?? ''] ?? 400, headers));
    socket.destroy();
  });
  server.on('connect', (_incoming, socket) => {
    // Node has let go of this connection; an error on it that nobody listens for would end the process.
    socket.on('error', () => socket.destroy());
    socket.end(head(405, { Allow: allow.join(', '), ...headers }));
  });
  server.on('checkExpectation', (_incoming, outgoing: ServerResponse) => {
    outgoing.writeHead(417, { ...headers, 'Content-Length': '0', Connection: 'close' });
    outgoing.end();
  });
}

function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries({ ...headers, 'Content-Length': '0', Connection: 'close' });
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
