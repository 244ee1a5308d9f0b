/** The workflow of a connection on a real Temporal server. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveBroker } from '../../src/domain/connection.js';
import { connectionWorkflowId } from '../../src/domain/ids.js';
import { type ConnectionClient, createConnectionClient } from '../../src/temporal/connection-client.js';
import { createConnectionWorker } from '../../src/worker/connection-worker.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { dataConverter } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { devServer } from '../support/temporal.js';
import { TestConnections } from './fixture.js';

const HOUR_MS = 3_600_000;

let connections: TestConnections;
let client: Client;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;
let lookAt: ConnectionClient['lookAt'];

beforeAll(async () => {
  connections = await TestConnections.open();
  const { address, namespace } = await devServer();
  client = new Client({ connection: await Connection.connect({ address }), namespace, dataConverter });
  native = await NativeConnection.connect({ address });
  const dependencies = { prisma: connections.database.prisma, tokens: connections.parts.tokens };
  worker = await createConnectionWorker({
    connection: native,
    namespace,
    dataConverter,
    workflowBundle: await workflowBundle(),
    dependencies,
  });
  running = worker.run();
  ({ lookAt } = createConnectionClient(client));
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await client.connection.close();
  await connections.close();
});

const change = (id: string, data: object) =>
  connections.database.prisma.brokerConnection.update({ where: { id }, data });
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

test.each<LiveBroker>(['schwab', 'coinbase', 'etrade'])('%s is refreshed ahead of the end', async (broker) => {
  const { id } = await connections.connected(broker);
  await lookAt(id);
  // Not before it is time.
  await eventually(async () => (await card(id)).includes('active'), 'a first pass');
  expect(await connections.row(id)).toMatchObject({ generation: 1 });
  await change(id, { expiresAt: inHours(0.05) });
  await lookAt(id);
  await eventually(async () => (await connections.row(id)).generation === 2, 'a refresh');
  expect((await connections.row(id)).expiresAt?.getTime()).toBeGreaterThan(inHours(0.4).getTime());
});

test('A1 a login that will be due is told at 48, 12 and 1 hours, each once', async () => {
  const { id, login } = await connections.connected('schwab');
  const alerts = async () =>
    (await connections.alerts('login_due')).filter(({ userId }) => userId === login.owner.userId);
  await lookAt(id);
  for (const [hours, told] of [
    [49, 0],
    [47, 1],
    [11, 2],
    [0.9, 3],
  ] as const) {
    await change(id, { loginDueAt: inHours(hours) });
    await lookAt(id);
    await eventually(async () => (await alerts()).length === told, `${told} warnings`);
    await lookAt(id);
  }
  expect((await alerts()).map(({ severity }) => severity)).toEqual([2, 2, 1]);
});

test('a refused refresh is told once, and nothing more is asked', async () => {
  const { id, login } = await connections.connected('coinbase');
  await connections.simulator.fault('token_family_revoked', 'token');
  await change(id, { expiresAt: inHours(0) });
  await lookAt(id);
  await eventually(async () => (await connections.row(id)).state === 'reauth_required', 'the refusal');
  for (let looks = 0; looks < 3; looks++) await lookAt(id);
  await connections.logIn(login);
  await lookAt(id);
  await eventually(async () => (await card(id)).includes('active'), 'the new login');
  const alerts = await connections.alerts('reauth_required');
  expect(alerts.filter(({ userId }) => userId === login.owner.userId)).toHaveLength(1);
});

test('a connection that is given up needs no workflow, and its history tells no secret', async () => {
  const { id, login } = await connections.connected('schwab');
  const { vault } = connections.parts;
  const row = await connections.row(id);
  const { userId } = login.owner;
  const binding = { table: 'broker_connections', row: id, user: userId, broker: 'schwab', field: 'sealed' };
  const grant = JSON.parse(vault.open(row.sealed ?? new Uint8Array(), binding));
  await change(id, { expiresAt: inHours(0) });
  await lookAt(id);
  await eventually(async () => (await connections.row(id)).generation === 2, 'a refresh');
  await connections.parts.logins.disconnect(userId, 'schwab');
  await lookAt(id);
  const handle = client.workflow.getHandle(connectionWorkflowId(id));
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  for (const secret of [grant.accessToken, grant.refreshToken]) {
    expect(history).not.toContain(secret);
    expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(0, 30));
  }
});

/** What the Temporal UI shows of it. */
async function card(id: string): Promise<string> {
  return client.workflow.getHandle(connectionWorkflowId(id)).query('__temporal_workflow_metadata').then(JSON.stringify);
}
