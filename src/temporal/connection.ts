import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { TemporalSettings } from '../platform/config.js';

/** What a client's and a worker's connection have in common. */
export function connectionOptions(settings: TemporalSettings) {
  return {
    address: settings.address,
    ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
    ...(settings.tls === undefined ? {} : { tls: tlsOf(settings.tls) }),
  };
}

function tlsOf({ serverName, serverCa, clientCertificate }: NonNullable<TemporalSettings['tls']>): TLSConfig {
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(serverCa === undefined ? {} : { serverRootCACertificate: serverCa }),
    ...(clientCertificate === undefined
      ? {}
      : { clientCertPair: { crt: clientCertificate.certificate, key: clientCertificate.key } }),
  };
}

/** The library waits longer and longer, up to two minutes: trades would wait as long for a server that is back. */
const LONGEST_RECONNECT_PAUSE_MS = 2_000;

/** A client whose connection is made at its first call: the API must come up, and accept trades, while Temporal is away. */
export function createTemporalClient(settings: TemporalSettings, dataConverter: DataConverter): Client {
  const connection = Connection.lazy({
    ...connectionOptions(settings),
    channelArgs: { 'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_PAUSE_MS },
  });
  return new Client({ connection, namespace: settings.namespace, dataConverter });
}
