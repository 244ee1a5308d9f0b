/** Never comes to rest, so no answer of its thread ever comes. */
export async function restless(): Promise<void> {
  for (;;);
}
