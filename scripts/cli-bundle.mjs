/**
 * The command line as one file of JavaScript, because compiling its sources takes longer than most commands. The file
 * begins with the hashes of everything it was made from, and is made again as soon as one of them differs.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const bundle = join(root, 'node_modules/.cache/arbion/cli.mjs');
/** Packages are bundled as well, so their versions count; and so does how the bundle is made. */
const alwaysSources = ['package-lock.json', 'tsconfig.json', 'scripts/cli-bundle.mjs'];

/** The address of the bundle, which is made first when it is missing or older than its sources. */
export async function cliBundle() {
  if (!isCurrent()) await makeBundle();
  return pathToFileURL(bundle).href;
}

function isCurrent() {
  if (!existsSync(bundle)) return false;
  const [firstLine = ''] = readFileSync(bundle, 'utf8').split('\n', 1);
  const hashes = Object.entries(JSON.parse(firstLine.replace(/^\/\/ /, '')));
  return hashes.every(([file, hash]) => existsSync(join(root, file)) && hashOf(file) === hash);
}

async function makeBundle() {
  // Imported only now: most starts need no compiler.
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['tsx'],
    plugins: [lazyImportsFromSource],
    // Packages written for CommonJS ask for Node's own modules with `require`.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    metafile: true,
    write: false,
    outfile: bundle,
  });
  const sources = [
    ...Object.keys(metafile.inputs).filter((file) => !file.startsWith('node_modules/')),
    ...alwaysSources,
  ];
  const hashes = Object.fromEntries(sources.map((file) => [file, hashOf(file)]));
  mkdirSync(dirname(bundle), { recursive: true });
  // Renamed into place when complete: two commands may do this at the same time.
  const writing = `${bundle}.${process.pid}`;
  writeFileSync(writing, `// ${JSON.stringify(hashes)}\n${outputFiles[0].text}`);
  renameSync(writing, bundle);
}

/** Parts that are imported on demand stay out of the bundle and run from source: src/cli/from-source.ts. */
const lazyImportsFromSource = {
  name: 'lazy-imports-from-source',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' ? { path: pathToFileURL(resolve(resolveDir, path)).href, external: true } : undefined,
    );
  },
};

function hashOf(file) {
  return createHash('sha256')
    .update(readFileSync(join(root, file)))
    .digest('base64url');
}
