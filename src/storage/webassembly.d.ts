/** Node has WebAssembly, but its types stand in the browser's library; this is the part that schema-engine.ts uses. */
declare namespace WebAssembly {
  function instantiate(
    binary: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
}
