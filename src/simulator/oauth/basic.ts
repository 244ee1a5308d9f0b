/** HTTP Basic at a token endpoint (RFC 6749 section 2.3.1). */
import type { ClientCredentials } from './oauth2-provider.js';

/** The client that a header names; id and secret are form-encoded inside of it. Undefined when there is none. */
export function readBasic(header: string | undefined): ClientCredentials | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { clientId: formDecoded(clientId), clientSecret: formDecoded(clientSecret) };
}

/** Clients that do not encode send what decodes to itself, unless it holds a `%` or a `+`. */
function formDecoded(text: string): string {
  return new URLSearchParams(`_=${text.replaceAll('&', '%26')}`).get('_') ?? '';
}
