import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxiedAnswer {
  /** of the call, without what was asked with it */
  path: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Stands before the simulator and changes what it answers: for values that the simulator would never send. */
export class RewritingProxy {
  private constructor(private readonly server: Server) {}

  static async start(target: string, rewrite: (answer: ProxiedAnswer) => ProxiedAnswer): Promise<RewritingProxy> {
    const server = createServer((incoming, outgoing) => {
      const { method, headers } = incoming;
      // with its own host: what is signed for an address is signed for the proxy's
      const forwarded = request(target + (incoming.url ?? ''), { method, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const [path = ''] = (incoming.url ?? '').split('?');
          const changed = rewrite({ path, status: answer.statusCode ?? 502, headers: answer.headers, text });
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = changed.headers;
          outgoing.writeHead(changed.status, kept).end(changed.text);
        });
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RewritingProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
