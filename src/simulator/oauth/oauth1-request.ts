/** Finds the OAuth 1.0a parameters of a request in its header, query or form body (RFC 5849 section 3.5). */
import type { Parameter, SignedMessage } from './oauth1-signature.js';

export interface HttpRequest {
  method: string;
  url: string;
  authorization: string | undefined;
  /** the body of a form-encoded request; other bodies are not signed */
  form: string | undefined;
}

export interface OAuth1Request {
  message: SignedMessage;
  signature: string;
  /** the protocol parameters by name, without `oauth_signature` */
  oauth: ReadonlyMap<string, string>;
}

/** Undefined when the request carries no signature, or a protocol parameter twice (section 3.1). */
export function readOAuth1Request({ method, url, authorization, form }: HttpRequest): OAuth1Request | undefined {
  const query = new URL(url).search;
  const parameters = [...headerParameters(authorization), ...formParameters(query), ...formParameters(form ?? '')];
  const protocol = parameters.filter(([name]) => name.startsWith('oauth_'));
  const oauth = new Map(protocol);
  const signature = oauth.get('oauth_signature');
  if (signature === undefined || oauth.size !== protocol.length) return undefined;
  oauth.delete('oauth_signature');
  const signed = parameters.filter(([name]) => name !== 'oauth_signature');
  return { message: { method, url, parameters: signed }, signature, oauth };
}

const HEADER_PARAMETER = /([\w.~%-]+)="([^"]*)"/g;

function headerParameters(authorization: string | undefined): Parameter[] {
  if (authorization === undefined || !/^OAuth\s/i.test(authorization)) return [];
  const found = [...authorization.matchAll(HEADER_PARAMETER)];
  return found
    .map(([, name = '', value = '']): Parameter => [decoded(name), decoded(value)])
    .filter(([name]) => name !== 'realm');
}

/** A value with a stray `%` stays as it is; its signature is then refused, as it should be. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function formParameters(text: string): Parameter[] {
  return [...new URLSearchParams(text)];
}
