import { expect, it } from 'vitest';
import { entryPoints, type ImportRule, importRules, soleUsers } from './import-rules.js';
import { type Import, importsOf, typeScriptFiles } from './source-files.js';

const imports = typeScriptFiles('src', 'workflows', 'activities').flatMap(importsOf);

it('keeps to who may import whom', () => {
  // None at all would mean that they are no longer found.
  expect(imports.length).toBeGreaterThan(100);
  const forbidden = imports.filter((edge) => !isAllowed(edge)).map(describeImport);
  expect(forbidden).toEqual([]);
});

it('lets nobody import an entry point from outside of its folder', () => {
  const processes = ['src/api/', 'src/cli/', 'src/simulator/'];
  // A replay runs what the API and the worker do in one process.
  const outside = imports.filter(({ from }) => !from.startsWith('src/replay/'));
  const pointing = outside.filter(({ from, target }) =>
    processes.some((folder) => target.startsWith(folder) && !from.startsWith(folder)),
  );
  expect(pointing.map(describeImport)).toEqual([]);
});

it('keeps what is to be replaced in one file', () => {
  const others = imports.filter(({ from, target }) => soleUsers[target] !== undefined && soleUsers[target] !== from);
  expect(others.map(describeImport)).toEqual([]);
});

it('has no circle of values, and in what is deterministic none of types either', () => {
  const values = imports.filter(({ isPackage, isTypeOnly }) => !isPackage && !isTypeOnly);
  expect(circleIn(values)).toBeUndefined();
  const deterministic = imports.filter(({ from, isPackage }) => !isPackage && /^(src\/domain|workflows)\//.test(from));
  expect(circleIn(deterministic)).toBeUndefined();
  expect(circleIn([...values, { from: 'src/domain/ids.ts', target: 'src/domain/ids.ts' }])).toBe(
    'src/domain/ids.ts → src/domain/ids.ts',
  );
});

it('judges a made-up violation as one', () => {
  const edge = (from: string, target: string, overrides: Partial<Import> = {}): Import => ({
    from,
    target,
    isPackage: false,
    isTypeOnly: false,
    ...overrides,
  });
  expect(isAllowed(edge('src/domain/money.ts', 'src/storage/database.ts'))).toBe(false);
  expect(isAllowed(edge('src/domain/money.ts', 'zod', { isPackage: true }))).toBe(false);
  expect(isAllowed(edge('workflows/trade/exit.ts', 'activities/contracts.ts'))).toBe(false);
  expect(isAllowed(edge('workflows/trade/exit.ts', 'activities/contracts.ts', { isTypeOnly: true }))).toBe(true);
  expect(isAllowed(edge('src/brokers/schwab/orders.ts', 'src/brokers/etrade/order-reads.ts'))).toBe(false);
  expect(isAllowed(edge('src/unknown/file.ts', 'src/domain/money.ts'))).toBe(false);
});

/** Files that import each other in a circle, one after the other, or undefined when there are none. */
function circleIn(edges: readonly Pick<Import, 'from' | 'target'>[]): string | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ');
    if (done.has(file)) return undefined;
    const targets = edges.filter(({ from }) => from === file).map(({ target }) => target);
    const circle = firstOf(targets, (target) => visit(target, [...path, file]));
    done.add(file);
    return circle;
  };
  return firstOf(
    edges.map(({ from }) => from),
    (file) => visit(file, []),
  );
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isAllowed(edge: Import): boolean {
  if (entryPoints.some((entry) => edge.from.startsWith(entry))) return true;
  const rule = ruleOf(edge.from);
  if (rule === undefined) return false;
  return edge.isPackage ? allowsPackage(rule, edge) : allowsFile(rule, edge);
}

function ruleOf(file: string): ImportRule | undefined {
  const fitting = importRules.filter(({ area }) => file.startsWith(area));
  return fitting.sort((one, other) => other.area.length - one.area.length)[0];
}

function allowsFile(rule: ImportRule, { from, target, isTypeOnly }: Import): boolean {
  if (isWithin(target, ownFolder(from, rule))) return true;
  const allowed = [...(rule.values ?? []), ...(isTypeOnly ? (rule.types ?? []) : [])];
  return allowed.some((place) => isWithin(target, place));
}

/** Each broker is an area of its own, whose only common ground is the port. */
function ownFolder(from: string, rule: ImportRule): string {
  return /^src\/brokers\/[^/]+\//.exec(from)?.[0] ?? rule.area;
}

function allowsPackage(rule: ImportRule, { target, isTypeOnly }: Import): boolean {
  const allowed = [...(rule.packages ?? []), ...(isTypeOnly ? (rule.packageTypes ?? []) : [])];
  return allowed.some((name) => target === name || target.startsWith(/[/:]$/.test(name) ? name : `${name}/`));
}

/** A place ending in a slash is a folder, any other a file. */
function isWithin(target: string, place: string): boolean {
  return place.endsWith('/') ? target.startsWith(place) : target === place;
}

function describeImport({ from, target, isTypeOnly }: Import): string {
  return `${from} → ${target}${isTypeOnly ? ' (types)' : ''}`;
}
