/** Who reaches Temporal: whoever does can start and signal workflows and read their histories. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { TemporalSettings } from '../../src/platform/config.js';
import { createTemporalClient } from '../../src/temporal/connection.js';
import { dataConverter } from '../support/encryption.js';

const DEADLINE_MS = 3_000;

test('T30 the server of this machine is reached from this machine only', async () => {
  const port = Number(inject('temporalAddress').split(':')[1]);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
  for (const { address } of others) {
    const socket = connect({ host: address, port });
    await expect(once(socket, 'connect'), address).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});

describe('T30 a server that asks for certificates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'arbion-certificates-'));
  const file = (name: string) => readFileSync(join(directory, name));
  let frontend: Server;
  let address: string;

  beforeAll(async () => {
    for (const authority of ['ours', 'theirs']) {
      makeCertificate(authority, ['-x509', '-subj', `/CN=${authority}`]);
    }
    const signed = ['-x509', '-CA', 'ours.pem', '-CAkey', 'ours.key'];
    makeCertificate('server', [...signed, '-subj', '/CN=temporal', '-addext', 'subjectAltName=DNS:temporal.test']);
    makeCertificate('client', [...signed, '-subj', '/CN=arbion']);
    const [host = '', port] = inject('temporalAddress').split(':');
    const demands = { ca: file('ours.pem'), requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
    frontend = createServer({ key: file('server.key'), cert: file('server.pem'), ...demands }, (client) => {
      const upstream = connect(Number(port), host);
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
    });
    frontend.on('tlsClientError', () => {});
    frontend.listen(0, '127.0.0.1');
    await once(frontend, 'listening');
    address = `127.0.0.1:${(frontend.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    frontend.close();
    rmSync(directory, { recursive: true });
  });

  function makeCertificate(name: string, options: string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', `${name}.key`];
    const args = ['req', ...key, '-days', '1', '-out', `${name}.pem`, ...options];
    execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
  }

  async function isAnswered(tls: TemporalSettings['tls']): Promise<boolean> {
    const { connection } = createTemporalClient({ address, namespace: 'default', ...(tls && { tls }) }, dataConverter);
    const asked = connection.withDeadline(Date.now() + DEADLINE_MS, () => connection.workflowService.getSystemInfo({}));
    return asked
      .then(
        () => true,
        () => false,
      )
      .finally(() => connection.close());
  }
  const certificateOf = (name: string) => ({ certificate: file(`${name}.pem`), key: file(`${name}.key`) });
  const trusting = { serverName: 'temporal.test' };

  test('answers whoever shows one that it trusts', async () => {
    const serverCa = file('ours.pem');
    expect(await isAnswered({ ...trusting, serverCa, clientCertificate: certificateOf('client') })).toBe(true);
  });

  test('answers nobody else, and is not believed when it shows none that we trust', async () => {
    const serverCa = file('ours.pem');
    const clientCertificate = certificateOf('client');
    const answers = await Promise.all([
      isAnswered(undefined),
      isAnswered({ ...trusting, serverCa }),
      isAnswered({ ...trusting, serverCa, clientCertificate: certificateOf('theirs') }),
      isAnswered({ ...trusting, serverCa: file('theirs.pem'), clientCertificate }),
      isAnswered({ serverName: 'another.test', serverCa, clientCertificate }),
    ]);
    expect(answers).toEqual([false, false, false, false, false]);
  });
});
