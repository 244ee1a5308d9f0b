/** The command line is bundled when it runs as `arbion`, and is its own source in tests. */
const isBundled = !import.meta.url.endsWith('.ts');

/**
 * Loads a part that the bundle leaves out because it is large and rarely used: `load` imports it. Such parts are
 * TypeScript, which Node runs by way of tsx.
 */
export async function fromSource<Module>(load: () => Promise<Module>): Promise<Module> {
  if (isBundled) {
    const { register } = await import('tsx/esm/api');
    register();
  }
  return load();
}
