/** HTTP Basic at a token endpoint (RFC 6749 section 2.3.1). */
import type { ClientCredentials } from './oauth2-provider.js';

/** The client in an Authorization header, where id and secret are form-encoded. Undefined when there is none. */
export function readBasic(header: string | undefined): ClientCredentials | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { clientId: formDecoded(clientId), clientSecret: formDecoded(clientSecret) };
}

/** Text that a client sent without encoding decodes to itself, unless it has a `%` or a `+`. */
function formDecoded(text: string): string {
  return new URLSearchParams(`_=${text.replaceAll('&', '%26')}`).get('_') ?? '';
}
