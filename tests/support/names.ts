/** Names of what global-setup.ts creates and the helpers use. */

export const templateDatabase = 'arbion_template';

/** Of the role that the tests work as, as the API and the worker do. */
export const applicationPassword = 'application';

/** A namespace costs nothing until it is used, but gets search attributes only when the server starts. */
export const namespaceCount = 500;

export function namespaceName(number: number): string {
  return `test-${number}`;
}
