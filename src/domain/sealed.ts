/** What counts only when it was encrypted with a key of this installation, for the place at which it is read. */

/** The type of failures for what was not. */
export const UNSEALED = 'Unsealed';

const SEALED = Symbol.for('arbion.sealed');

/** Whether a value came in a payload that was encrypted with a key of ours. Anything but an object never did. */
export function isSealed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, SEALED);
}
