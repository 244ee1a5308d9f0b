/**
 * Signs requests after OAuth 1.0a with HMAC-SHA1 (RFC 5849 section 3.4). Pure, but for the nonce and the time.
 *
 * Own code because the npm packages for it have had no release for years.
 */
import { createHmac, randomUUID } from 'node:crypto';

type Parameter = readonly [name: string, value: string];

export interface RequestToSign {
  method: string;
  /** exactly as it goes on the wire: the path's escapes count, the query's parameters are signed */
  url: string;
  /** of a form-encoded body, decoded; other bodies are not signed */
  parameters?: readonly Parameter[];
  consumerKey: string;
  consumerSecret: string;
  token?: string;
  tokenSecret?: string;
  /** of a request for a request token */
  callback?: string;
  /** of a request for an access token */
  verifier?: string;
  nonce?: string;
  /** seconds since 1970 */
  timestamp?: number;
}

/** The value of the `Authorization` header (section 3.5.1). Every call makes a new nonce. */
export function authorizationHeader(request: RequestToSign): string {
  const protocol = protocolParameters(request);
  const fields = [...protocol, ['oauth_signature', signature(request, protocol)] as const];
  return `OAuth realm="",${fields.map(([name, value]) => `${name}="${percentEncode(value)}"`).join(',')}`;
}

function protocolParameters(request: RequestToSign): Parameter[] {
  const { consumerKey, token, callback, verifier } = request;
  const { nonce = randomUUID().replaceAll('-', ''), timestamp = Math.floor(Date.now() / 1_000) } = request;
  return [
    ['oauth_consumer_key', consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(timestamp)],
    ...optional('oauth_token', token),
    ...optional('oauth_callback', callback),
    ...optional('oauth_verifier', verifier),
  ];
}

function optional(name: string, value: string | undefined): Parameter[] {
  return value === undefined ? [] : [[name, value]];
}

/** Sections 3.4.1.1 and 3.4.2. */
function signature(request: RequestToSign, protocol: readonly Parameter[]): string {
  const { method, url, parameters = [], consumerSecret, tokenSecret = '' } = request;
  // URL lowers the case of scheme and host and drops a default port, as section 3.4.1.2 asks.
  const { origin, pathname, searchParams } = new URL(url);
  const signed = normalised([...searchParams, ...parameters, ...protocol]);
  const base = [method.toUpperCase(), origin + pathname, signed].map(percentEncode).join('&');
  const key = `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`;
  return createHmac('sha1', key).update(base).digest('base64');
}

/** Section 3.4.1.3.2: encoded, then sorted by name and value. */
function normalised(parameters: readonly Parameter[]): string {
  return parameters
    .map(([name, value]) => ({ name: percentEncode(name), value: percentEncode(value) }))
    .sort((a, b) => order(a.name, b.name) || order(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}

/** By bytes, not by a language's alphabet; what is compared is ASCII. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Section 3.6. `encodeURIComponent` leaves five signs alone that must be encoded. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
