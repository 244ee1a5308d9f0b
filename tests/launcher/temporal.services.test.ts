/** What the embedded Temporal server answers to whom: it runs beside the browser of whoever tries Arbion. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { PidFiles } from '../../src/launcher/pid-files.js';
import { freePort, isPortFree } from '../../src/launcher/ports.js';
import { type EmbeddedTemporal, startTemporal } from '../../src/launcher/temporal.js';
import { resolveTemporalCli } from '../../src/launcher/temporal-cli.js';
import { temporalPlaces } from '../../src/launcher/temporal-places.js';
import { homePaths, makeHome, settingsFromHome, writeCredentials } from '../../src/platform/home.js';

const home = mkdtempSync(join(tmpdir(), 'arbion-temporal-'));
const paths = homePaths({ ARBION_HOME: home });
makeHome(paths);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** fetch would write a Host of its own. */
function send(port: number, path: string, headers: Record<string, string>, body: object): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers, setHost: false });
    sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

describe('T66 the HTTP API of the embedded server', () => {
  let temporal: EmbeddedTemporal;
  let httpPort: number;
  let connection: Connection;
  beforeAll(async () => {
    httpPort = await freePort();
    temporal = await startTemporal({
      cli: await resolveTemporalCli(process.env, { home, report: () => {} }),
      port: await freePort(),
      httpPort,
      logFile: join(home, 'server.log'),
    });
    connection = await Connection.connect({ address: temporal.address });
  });
  afterAll(async () => {
    await connection.close();
    await temporal.process.stop({ graceMs: 5_000 });
  });

  const start = { workflowType: { name: 'trade' }, taskQueue: { name: 'trades' }, input: [{ trade: {}, ticket: {} }] };

  test('starts nothing for a web page, a rebound name, or anybody else', async () => {
    const port = String(httpPort);
    const hosts = ['evil.example', `evil.example:${port}`, `localhost:${port}`, `127.0.0.1:${port}`, '/', '*', ''];
    for (const [index, host] of hosts.entries()) {
      const path = `/api/v1/namespaces/default/workflows/trade-of-a-page-${index}`;
      // A browser sends this to any address, without asking it first.
      const headers = { host, origin: 'http://evil.example', 'content-type': 'text/plain' };
      expect([400, 403], host).toContain(await send(httpPort, path, headers, start));
    }
    const { count } = await new Client({ connection }).workflow.count();
    expect(count).toBe(0);
  });

  test('dispatches nothing to our workers by way of Nexus', async () => {
    const path = '/namespaces/default/task-queues/trades/nexus-services/trades/start';
    const headers = { host: 'evil.example', 'content-type': 'text/plain' };
    expect(await send(httpPort, path, headers, {})).toBe(404);
  });
});

describe('where the embedded server listens', () => {
  const pidFiles = new PidFiles(paths.run);

  it('T67 is drawn for each home, and kept', async () => {
    const places = await temporalPlaces(paths, pidFiles);
    const ports = [places.port, places.httpPort, places.metricsPort, places.ui.port];
    expect(new Set(ports).size).toBe(4);
    expect(ports.filter((port) => [7233, 7243, 8233].includes(port))).toEqual([]);
    expect(await temporalPlaces(paths, pidFiles)).toEqual(places);
    const other = homePaths({ ARBION_HOME: join(home, 'other') });
    makeHome(other);
    expect(await temporalPlaces(other, pidFiles)).not.toEqual(places);
  });

  it.runIf(process.platform === 'linux')('T67 has a console at an address that is drawn as well', async () => {
    const { ui } = await temporalPlaces(paths, pidFiles);
    expect(ui.address).toMatch(/^127\.(?!0\.0\.1$)/);
    expect(await isPortFree(ui.port, ui.address)).toBe(true);
  });

  it('is drawn anew when another program has taken a port', async () => {
    const places = await temporalPlaces(paths, pidFiles);
    const taken = createServer().listen(places.metricsPort, '127.0.0.1');
    expect((await temporalPlaces(paths, pidFiles)).metricsPort).not.toBe(places.metricsPort);
    taken.close();
  });

  it('is what the API of this home goes by, unless another server is named', async () => {
    const places = await temporalPlaces(paths, pidFiles);
    const credentials = { url: 'u', email: 'e', password: 'p', token: 't', databaseUrl: 'd' };
    const consoleOf = (env: NodeJS.ProcessEnv) => settingsFromHome({ ARBION_HOME: home, ...env }).TEMPORAL_UI_URL;
    writeCredentials(paths, { ...credentials, temporalAddress: `127.0.0.1:${places.port}` });
    expect(consoleOf({})).toBe(`http://${places.ui.address}:${places.ui.port}`);
    expect(consoleOf({ TEMPORAL_ADDRESS: 'temporal.internal:7233' })).toBeUndefined();
    expect(consoleOf({ TEMPORAL_UI_URL: 'http://localhost:1' })).toBe('http://localhost:1');
    writeCredentials(paths, { ...credentials, temporalAddress: 'temporal.internal:7233' });
    expect(consoleOf({})).toBeUndefined();
  });
});
