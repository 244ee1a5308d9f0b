import { connect } from 'node:net';

/** Sends bytes as they are and answers what came back until the server closed, or `undefined` when it never did. */
export function sendRaw(
  port: number,
  bytes: string,
  { timeoutMs = 5_000, host = '127.0.0.1' } = {},
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, host, () => socket.write(bytes, 'latin1'));
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

export interface RawAnswer {
  status: number;
  /** by lower-case name */
  headers: ReadonlyMap<string, string>;
  text: string;
}

/** Sends bytes (one character each) and answers every answer until the server closed, or was silent for so long. */
export function exchange(port: number, bytes: string, silenceMs: number): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => {
      try {
        resolve(answersIn(received));
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses may close while we still write.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

/** One after the other, as the bytes on a connection say. */
function answersIn(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== ''; ) {
    const [head = ''] = rest.split('\r\n\r\n', 1);
    const status = statusOf(rest);
    if (status === undefined) throw new Error(`no answer begins like this: ${rest.slice(0, 200)}`);
    const headers = headersIn(head);
    const { text, length } = hasNoBody(status) ? { text: '', length: 0 } : bodyIn(rest.slice(head.length + 4), headers);
    answers.push({ status, headers, text });
    rest = rest.slice(head.length + 4 + length);
  }
  return answers;
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

function headersIn(head: string): ReadonlyMap<string, string> {
  const lines = head.split('\r\n').slice(1);
  return new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** What the body says, and how many bytes of the connection it takes. */
function bodyIn(rest: string, headers: ReadonlyMap<string, string>): { text: string; length: number } {
  if (!headers.has('transfer-encoding')) {
    // Without a length it ends with the connection.
    const length = Number(headers.get('content-length') ?? rest.length);
    return { text: utf8(rest.slice(0, length)), length };
  }
  let [text, at] = ['', 0];
  for (;;) {
    const [size = ''] = rest.slice(at).split('\r\n', 1);
    const length = Number.parseInt(size, 16);
    const from = at + size.length + 2;
    text += rest.slice(from, from + length);
    at = from + length + 2;
    if (!(length > 0)) return { text: utf8(text), length: at };
  }
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
