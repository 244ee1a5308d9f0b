import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Import {
  /** The file that imports, from the root of the repository. */
  from: string;
  /** A file of ours (from the root, ending in .ts) or a package. */
  target: string;
  isPackage: boolean;
  isTypeOnly: boolean;
}

/** The TypeScript files below the folders, as paths from the root of the repository. */
export function typeScriptFiles(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(folder, file)),
  );
}

const statement = /^(?:import|export)\s+(type\s+)?([^;'"]*?)\s*from\s+'([^']+)'/gm;
const sideEffect = /^import\s+'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'/g;

/** Everything that the file imports or exports from elsewhere. */
export function importsOf(from: string): Import[] {
  const text = readFileSync(from, 'utf8');
  const toImport = (specifier: string, isTypeOnly: boolean): Import => {
    const isPackage = !specifier.startsWith('.');
    const target = isPackage ? specifier : join(dirname(from), specifier).replace(/\.js$/, '.ts');
    return { from, target, isPackage, isTypeOnly };
  };
  return [
    ...[...text.matchAll(statement)].map(([, type, names = '', specifier = '']) =>
      toImport(specifier, type !== undefined || namesTypesOnly(names)),
    ),
    ...[...text.matchAll(sideEffect), ...text.matchAll(dynamic)].map(([, specifier = '']) =>
      toImport(specifier, false),
    ),
  ];
}

/** `{ type A, type B }` */
function namesTypesOnly(names: string): boolean {
  const list = /^\{([\s\S]*)\}$/.exec(names)?.[1];
  if (list === undefined) return false;
  const parts = list.split(',').map((part) => part.trim());
  return parts.every((part) => part === '' || part.startsWith('type '));
}
