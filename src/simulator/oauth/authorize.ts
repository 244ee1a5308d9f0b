/** The redirect from the authorize page back to the client (RFC 6749 section 4.1.2). */
import type { Authorization } from './oauth2-provider.js';

/** Redirects the user's browser back to the client, with the client's state. */
export function redirectBack(
  { redirectUri, state }: Authorization,
  parameters: Readonly<Record<string, string>>,
): Response {
  const address = new URL(redirectUri);
  const added = { ...parameters, ...(state !== undefined && { state }) };
  for (const [name, value] of Object.entries(added)) address.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: address.href } });
}
