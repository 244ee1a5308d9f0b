/** OAuth 1.0a signatures, HMAC-SHA1, after RFC 5849 section 3.4. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Parameter = readonly [name: string, value: string];

export interface SignedMessage {
  method: string;
  /** as the client sent it: scheme, host, port and path count; percent-escapes of the path stay as they are */
  url: string;
  /** of the query, the header and a form body together, decoded; without `oauth_signature` and `realm` */
  parameters: readonly Parameter[];
}

export interface Secrets {
  consumerSecret: string;
  /** empty while there is no token */
  tokenSecret: string;
}

/** RFC 3986 percent-encoding (section 3.6): `encodeURIComponent` does not encode five characters that must be encoded. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Section 3.4.1.3.2: encoded, sorted by name and then by value. */
export function normalisedParameters(parameters: readonly Parameter[]): string {
  const encoded = parameters.map(([name, value]): Parameter => [percentEncode(name), percentEncode(value)]);
  encoded.sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]));
  return encoded.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Section 3.4.1.1. */
export function signatureBase({ method, url, parameters }: SignedMessage): string {
  // URL lowers the case of scheme and host and drops a default port, as section 3.4.1.2 asks
  const { protocol, host, pathname } = new URL(url);
  const parts = [method.toUpperCase(), `${protocol}//${host}${pathname}`, normalisedParameters(parameters)];
  return parts.map(percentEncode).join('&');
}

/** Section 3.4.2. */
export function signatureOf(message: SignedMessage, { consumerSecret, tokenSecret }: Secrets): string {
  const key = `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`;
  return createHmac('sha1', key).update(signatureBase(message)).digest('base64');
}

/** Whether a signature belongs to the message, compared in constant time. */
export function hasSignature(message: SignedMessage, signature: string, secrets: Secrets): boolean {
  const expected = Buffer.from(signatureOf(message, secrets));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
