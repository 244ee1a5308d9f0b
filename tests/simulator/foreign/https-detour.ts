/** Lets a client that knows only its broker's real address reach the simulator: the proxy that its machine is set to use. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../exchange-fixture.js';

/** The path of the broker that each address leads to. */
const PATHS: Readonly<Record<string, string>> = {
  'api.schwabapi.com': '/schwab',
  'api.coinbase.com': '/coinbase',
  'paper-api.alpaca.markets': '/alpaca',
  'data.alpaca.markets': '/alpaca',
};

export interface Detour {
  /** what a program's environment has to say */
  environment: Record<string, string>;
  close(): void;
}

export async function openDetour(simulatorUrl: string): Promise<Detour> {
  const directory = temporaryDirectory();
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const names = Object.keys(PATHS).map((host) => `DNS:${host}`);
  const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', key];
  const subject = ['-subj', '/CN=brokers', '-addext', `subjectAltName=${names.join(',')}`];
  execFileSync('openssl', ['req', '-x509', '-days', '1', ...keyOptions, '-out', certificate, ...subject], {
    stdio: 'ignore',
  });
  const inside = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (asked, answer) => {
    const path = `${PATHS[asked.headers.host ?? ''] ?? ''}${asked.url}`;
    const onward = request(new URL(path, simulatorUrl), { method: asked.method ?? 'GET', headers: asked.headers });
    onward.on('response', (given) => given.pipe(answer.writeHead(given.statusCode ?? 502, given.headers)));
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  const proxy = createServer().on('connect', (_asked, socket) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    inside.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    environment: {
      HTTPS_PROXY: address,
      https_proxy: address,
      NO_PROXY: '',
      no_proxy: '',
      REQUESTS_CA_BUNDLE: certificate,
    },
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
      rmSync(directory, { recursive: true });
    },
  };
}
