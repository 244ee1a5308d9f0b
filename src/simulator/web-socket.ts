/** The server's side of a web socket (RFC 6455), as much of it as the brokers' streams need. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const HANDSHAKE_ID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** No message of a client's is longer; who sends more is cut off. */
const LONGEST_MESSAGE = 64 * 1024;
const FINAL = 0x80;
const MASKED = 0x80;

interface Frame {
  isFinal: boolean;
  opcode: number;
  payload: Buffer;
  /** bytes of the frame as a whole */
  length: number;
}

export class WebSocketConnection {
  onMessage: (text: string) => void = () => undefined;
  onClose: () => void = () => undefined;
  private received = Buffer.alloc(0);
  private message = Buffer.alloc(0);

  private constructor(private readonly socket: Duplex) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // a client that goes away without a word leaves its half open
    socket.on('end', () => socket.end());
    socket.on('close', () => this.onClose());
    // a broken connection closes; there is nothing else to do about it
    socket.on('error', () => socket.destroy());
  }

  /** Answers the handshake; undefined when the request asks for no web socket. */
  static accept({ headers }: IncomingMessage, socket: Duplex): WebSocketConnection | undefined {
    const key = headers['sec-websocket-key'];
    if (headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) return undefined;
    const accepted = createHash('sha1')
      .update(key + HANDSHAKE_ID)
      .digest('base64');
    const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accepted}`];
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    return new WebSocketConnection(socket);
  }

  send(text: string, kind: 'text' | 'binary'): void {
    this.write(OPCODES[kind], Buffer.from(text));
  }

  /** Closes the connection in good order (1000). */
  end(reason: Buffer = Buffer.from([0x03, 0xe8])): void {
    this.write(OPCODES.close, reason);
    this.socket.end();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (let frame = readFrame(this.received); frame !== undefined; frame = readFrame(this.received)) {
      this.received = this.received.subarray(frame.length);
      this.take(frame);
    }
    if (this.received.length > LONGEST_MESSAGE) this.cut();
  }

  private take({ isFinal, opcode, payload }: Frame): void {
    if (opcode === OPCODES.ping) this.write(OPCODES.pong, payload);
    else if (opcode === OPCODES.close) this.end(payload);
    else if (opcode !== OPCODES.pong) this.collect(payload, isFinal);
  }

  private collect(payload: Buffer, isFinal: boolean): void {
    this.message = Buffer.concat([this.message, payload]);
    if (this.message.length > LONGEST_MESSAGE) this.cut();
    if (!isFinal) return;
    const text = this.message.toString('utf8');
    this.message = Buffer.alloc(0);
    this.onMessage(text);
  }

  private write(opcode: number, payload: Buffer): void {
    if (this.socket.writable) this.socket.write(Buffer.concat([headerOf(opcode, payload.length), payload]));
  }
}

/** Section 5.2; undefined until a frame has arrived as a whole. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const short = second & ~MASKED;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskAt = 2 + extended;
  const start = maskAt + ((second & MASKED) === 0 ? 0 : 4);
  if (bytes.length < start) return undefined;
  const size = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + size) return undefined;
  const payload = unmasked(bytes.subarray(start, start + size), bytes.subarray(maskAt, start));
  return { isFinal: (first & FINAL) !== 0, opcode: first & 0x0f, payload, length: start + size };
}

function unmasked(payload: Buffer, mask: Buffer): Buffer {
  if (mask.length === 0) return Buffer.from(payload);
  return Buffer.from(payload.map((byte, index) => byte ^ (mask[index % mask.length] ?? 0)));
}

function headerOf(opcode: number, size: number): Buffer {
  if (size < 126) return Buffer.from([FINAL | opcode, size]);
  const header = Buffer.alloc(size < 65_536 ? 4 : 10);
  header.writeUInt8(FINAL | opcode, 0);
  header.writeUInt8(size < 65_536 ? 126 : 127, 1);
  if (size < 65_536) header.writeUInt16BE(size, 2);
  else header.writeBigUInt64BE(BigInt(size), 2);
  return header;
}
