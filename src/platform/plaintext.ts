/** Finds what would travel without encryption to or from other machines: only for hosts in ALLOW_PLAINTEXT_HOSTS it may. */
import { parse as parsePostgresUrl } from 'pg-connection-string';
import { baseUrlSettings } from './broker-settings.js';
import type { Environment } from './config.js';

const EXCEPTION = 'or add the host to ALLOW_PLAINTEXT_HOSTS if you trust the network in between.';

export function plaintextProblems(settings: Environment): string[] {
  return [
    ...postgresProblems(settings),
    ...urlProblems(settings),
    ...temporalProblems(settings),
    ...listenerProblems(settings),
  ];
}

export function mayBePlaintext(host: string, { ALLOW_PLAINTEXT_HOSTS: allowed }: Environment): boolean {
  return isLoopback(host) || allowed.includes(host);
}

export function usesTemporalTls(settings: Environment): boolean {
  return (
    settings.TEMPORAL_TLS ??
    (settings.TEMPORAL_API_KEY !== undefined || settings.TEMPORAL_TLS_CLIENT_CERT_PATH !== undefined)
  );
}

/** Judged by what the driver itself reads in the address: a parameter can name another host, or switch TLS off again. */
function postgresProblems(settings: Environment): string[] {
  const problems: string[] = [];
  for (const name of ['DATABASE_URL', 'DATABASE_MIGRATE_URL', 'TEMPORAL_DATABASE_URL'] as const) {
    const url = settings[name];
    if (url === undefined) continue;
    const { host, ssl } = parsePostgresUrl(url);
    if (mayBePlaintext(host ?? '', settings) || isVerified(ssl)) continue;
    problems.push(
      `${name} would connect to ${host} without verified encryption: add ?sslmode=verify-full, ${EXCEPTION}`,
    );
  }
  return problems;
}

function isVerified(ssl: ReturnType<typeof parsePostgresUrl>['ssl']): boolean {
  return ssl === true || (typeof ssl === 'object' && ssl.rejectUnauthorized !== false);
}

function urlProblems(settings: Environment): string[] {
  const problems: string[] = [];
  for (const name of ['REDIS_URL', 'PUBLIC_URL', 'TEMPORAL_UI_URL', ...baseUrlSettings] as const) {
    const text = settings[name];
    const url = text === undefined ? undefined : new URL(text);
    if (!url || !['http:', 'redis:'].includes(url.protocol) || mayBePlaintext(url.hostname, settings)) continue;
    const scheme = name === 'REDIS_URL' ? 'rediss' : 'https';
    problems.push(`${name} would connect to ${url.hostname} without encryption: use ${scheme}://, ${EXCEPTION}`);
  }
  return problems;
}

function temporalProblems(settings: Environment): string[] {
  const host = settings.TEMPORAL_ADDRESS.replace(/:\d+$/, '');
  if (usesTemporalTls(settings) || mayBePlaintext(host, settings)) return [];
  return [`TEMPORAL_ADDRESS would connect to ${host} without encryption: set TEMPORAL_TLS=true, ${EXCEPTION}`];
}

/** The API itself speaks http only. */
function listenerProblems(settings: Environment): string[] {
  const { HOST: host } = settings;
  if (mayBePlaintext(host, settings)) return [];
  return [
    `HOST would take requests on ${host} without encryption: listen on 127.0.0.1 behind a proxy that has a certificate, or add the address to ALLOW_PLAINTEXT_HOSTS if you trust the network that reaches it.`,
  ];
}

/** Whether a host is a name of this machine; IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
