/** The workflow of a broker login on a real Temporal server. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { brokerLoginWorkflowId } from '../../src/domain/ids.js';
import { type BrokerLoginClient, createBrokerLoginClient } from '../../src/temporal/broker-login-client.js';
import { createBrokerLoginWorker } from '../../src/worker/broker-login-worker.js';
import { workflowBundle } from '../../src/worker/workflow-bundle.js';
import { dataConverter } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { devServer } from '../support/temporal.js';
import { TestBrokerLogins } from './fixture.js';

const HOUR_MS = 3_600_000;

let brokerLogins: TestBrokerLogins;
let client: Client;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;
let lookAt: BrokerLoginClient['lookAt'];

beforeAll(async () => {
  brokerLogins = await TestBrokerLogins.open();
  const { address, namespace } = await devServer();
  client = new Client({ connection: await Connection.connect({ address }), namespace, dataConverter });
  native = await NativeConnection.connect({ address });
  const dependencies = { prisma: brokerLogins.database.prisma, tokens: brokerLogins.parts.tokens };
  worker = await createBrokerLoginWorker({
    connection: native,
    namespace,
    dataConverter,
    workflowBundle: await workflowBundle(),
    dependencies,
  });
  running = worker.run();
  ({ lookAt } = createBrokerLoginClient(client));
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await client.connection.close();
  await brokerLogins.close();
});

const change = (id: string, data: object) => brokerLogins.database.prisma.brokerLogin.update({ where: { id }, data });
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

test.each<LiveBroker>(['schwab', 'coinbase', 'etrade'])('%s is refreshed ahead of the end', async (broker) => {
  const { id } = await brokerLogins.connected(broker);
  await lookAt(id);
  // Not before it is time.
  await eventually(async () => (await card(id)).includes('active'), 'a first pass');
  expect(await brokerLogins.row(id)).toMatchObject({ generation: 1 });
  await change(id, { expiresAt: inHours(0.05) });
  await lookAt(id);
  await eventually(async () => (await brokerLogins.row(id)).generation === 2, 'a refresh');
  expect((await brokerLogins.row(id)).expiresAt?.getTime()).toBeGreaterThan(inHours(0.4).getTime());
});

test('A1 a login that will be due is announced at 48, 12 and 1 hours, each once', async () => {
  const { id, login } = await brokerLogins.connected('schwab');
  const alerts = async () =>
    (await brokerLogins.alerts('login_due')).filter(({ userId }) => userId === login.owner.userId);
  await lookAt(id);
  for (const [hours, warned] of [
    [49, 0],
    [47, 1],
    [11, 2],
    [0.9, 3],
  ] as const) {
    await change(id, { loginDueAt: inHours(hours) });
    await lookAt(id);
    await eventually(async () => (await alerts()).length === warned, `${warned} warnings`);
    await lookAt(id);
  }
  expect((await alerts()).map(({ severity }) => severity)).toEqual([2, 2, 1]);
});

test('a refused refresh is reported once, and nothing more is asked', async () => {
  const { id, login } = await brokerLogins.connected('coinbase');
  await brokerLogins.simulator.fault('token_family_revoked', 'token');
  await change(id, { expiresAt: inHours(0) });
  await lookAt(id);
  await eventually(async () => (await brokerLogins.row(id)).state === 'reauth_required', 'the refusal');
  for (let looks = 0; looks < 3; looks++) await lookAt(id);
  await brokerLogins.logIn(login);
  await lookAt(id);
  await eventually(async () => (await card(id)).includes('active'), 'the new login');
  const alerts = await brokerLogins.alerts('reauth_required');
  expect(alerts.filter(({ userId }) => userId === login.owner.userId)).toHaveLength(1);
});

test('a broker login that is given up needs no workflow, and its history holds no secret', async () => {
  const { id, login } = await brokerLogins.connected('schwab');
  const { vault } = brokerLogins.parts;
  const row = await brokerLogins.row(id);
  const { userId } = login.owner;
  const binding = { table: 'broker_connections', row: id, user: userId, broker: 'schwab', field: 'sealed' };
  const grant = JSON.parse(vault.open(row.sealed ?? new Uint8Array(), binding));
  await change(id, { expiresAt: inHours(0) });
  await lookAt(id);
  await eventually(async () => (await brokerLogins.row(id)).generation === 2, 'a refresh');
  await brokerLogins.parts.logins.disconnect(userId, 'schwab');
  await lookAt(id);
  const handle = client.workflow.getHandle(brokerLoginWorkflowId(id));
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  for (const secret of [grant.accessToken, grant.refreshToken]) {
    expect(history).not.toContain(secret);
    expect(history).not.toContain(Buffer.from(secret).toString('base64').slice(0, 30));
  }
});

/** What the Temporal UI shows of it. */
async function card(id: string): Promise<string> {
  return client.workflow
    .getHandle(brokerLoginWorkflowId(id))
    .query('__temporal_workflow_metadata')
    .then(JSON.stringify);
}
